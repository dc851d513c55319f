#include "engine/space_ahead.hpp"

#include <system_error>

#include <sys/stat.h>

#include "bench.hpp"
#include "support/catch.hpp"

using namespace concd;
using namespace concd::test;
using namespace concd::engine;

namespace {

constexpr std::uint64_t k_mib = 1 << 20;

struct Fixture {
  Bench bench;
  std::uint32_t number = bench.new_part("");
  PartFile file{bench.part(number), number};

  /// Bytes that the file takes of the disk.
  [[nodiscard]] std::uint64_t taken() const {
    struct stat status{};
    REQUIRE(::stat(bench.path(number).c_str(), &status) == 0);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  /// What must be kept free so that no more than `left` bytes may be written.
  [[nodiscard]] std::uint64_t all_but(std::uint64_t left) const { return file.space().free - left; }
};

bool is_full(const std::function<void()>& function) {
  try {
    function();
    return false;
  } catch (const std::system_error& error) {
    return error.code().value() == ENOSPC;
  }
}

}  // namespace

TEST_CASE_METHOD(Fixture, "an announced length reserves no more than a step") {
  SpaceAhead space(file, 1, 1024 * k_mib, {});
  CHECK(taken() == 0);
  space.reach(file, {0, 1000});
  CHECK(taken() >= 4096);
  CHECK(taken() <= 64 * k_mib);
  CHECK(file.size() == 0);
}

TEST_CASE_METHOD(Fixture, "what is reserved ends with the file") {
  SpaceAhead space(file, 1, 3 * k_mib, {});
  for (std::uint64_t begin = 0; begin < 3 * k_mib; begin += k_mib) space.reach(file, {begin, k_mib});
  CHECK(taken() == 3 * k_mib);
}

TEST_CASE_METHOD(Fixture, "each part of a file is looked after where it is written") {
  SpaceAhead space(file, 1, 1024 * k_mib, {{0, k_mib}});
  space.reach(file, {0, k_mib});
  CHECK(taken() == 0);
  space.reach(file, {500 * k_mib, 1000});
  const auto step = taken();
  CHECK(step >= 4096);
  CHECK(step <= 64 * k_mib);
  space.reach(file, {500 * k_mib + 1000, 1000});
  CHECK(taken() == step);
}

TEST_CASE_METHOD(Fixture, "nothing is reserved where nobody told the length, or it is small") {
  const auto total = GENERATE(std::optional<std::uint64_t>(), std::optional<std::uint64_t>(5000));
  SpaceAhead space(file, 1, total, {});
  space.reach(file, {0, 5000});
  CHECK(taken() == 0);
}

TEST_CASE_METHOD(Fixture, "what does not fit beside the space that is kept free is refused at once") {
  const auto kept = all_but(512 * k_mib);
  CHECK(is_full([&] { SpaceAhead(file, kept, 4096 * k_mib, {}); }));
  CHECK_FALSE(is_full(
      [&] { SpaceAhead(file, kept, 4096 * k_mib, {{0, 1000 * k_mib}, {1001 * k_mib, 3095 * k_mib}}); }));
  CHECK(taken() == 0);
}

TEST_CASE_METHOD(Fixture, "what is kept free stays free while a file of unknown length grows") {
  SpaceAhead none(file, all_but(0) + k_mib, {}, {});
  CHECK(is_full([&] { none.reach(file, {0, 1}); }));
}

TEST_CASE("5 % and at most 1 GiB are kept free where nothing is said") {
  CHECK(kept_free(0, 100 * k_mib) == 5 * k_mib);
  CHECK(kept_free(0, 1'000'000 * k_mib) == 1024 * k_mib);
  CHECK(kept_free(0, 0) == 0);
  CHECK(kept_free(7, 100 * k_mib) == 7);
}
