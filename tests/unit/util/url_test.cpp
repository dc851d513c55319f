#include "util/url.hpp"

#include "support/catch.hpp"

using namespace concd;

TEST_CASE("secrets do not survive redaction") {
  CHECK(redact_url("https://example.org/a/b.iso") == "https://example.org/a/b.iso");
  CHECK(redact_url("https://me:secret@example.org/a") == "https://***@example.org/a");
  CHECK(redact_url("https://example.org/a?X-Amz-Signature=1") == "https://example.org/a?***");
  CHECK(redact_url("https://example.org/a#token") == "https://example.org/a#***");
  CHECK(redact_url("https://a@b:p@ss@example.org:8443/x?y#z") == "https://***@example.org:8443/x?***#***");
  CHECK(redact_url("http:///me:secret@example.org/a") == "http:///***");
  CHECK(redact_url("http:/me:secret@example.org://a") == "/***");
  CHECK(redact_url("file:///srv/a") == "file:///srv/a");
  CHECK(redact_url("Archivo1.txt") == "Archivo1.txt");
}

TEST_CASE("limits per host count by host and port, not by user") {
  CHECK(url_host("https://me@Example.org:8443/x") == "example.org:8443");
  CHECK(url_host("http://[::1]:80/x") == "[::1]:80");
  CHECK(url_host("sim:text") == "");
  CHECK(url_scheme("HTTPS://example.org") == "https");
}

TEST_CASE("the file name comes from the last path component and is never a path") {
  CHECK(url_file_name("https://example.org/a/b.iso?x=/c") == "b.iso");
  CHECK(url_file_name("https://example.org/a%20b") == "a b");
  CHECK(url_file_name("https://example.org") == "index.html");
  CHECK(url_file_name("https://example.org/dir/") == "index.html");
  CHECK(url_file_name("https://example.org/..") == "index.html");
  CHECK(url_file_name("https://example.org/%2e%2e") == "index.html");
  CHECK(url_file_name("https://example.org/..%2fetc%2fpasswd") == "index.html");
  CHECK(url_file_name("https://example.org/a%00b") == "a_b");
  CHECK(url_file_name("https://example.org/" + std::string(255, 'a')) == std::string(255, 'a'));
  CHECK(url_file_name("https://example.org/" + std::string(256, 'a')) == "index.html");
}
