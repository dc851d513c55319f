/* Downloads SOURCE, a URL or a name of the catalog, and writes the file to stdout:
 *   download SOURCE > FILE
 * Needs libsystemd 257 or later: cc -o download download.c $(pkg-config --cflags --libs libsystemd) */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <systemd/sd-varlink.h>
#include <unistd.h>

static int fail(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why);
  return -1;
}

/* Whether the call was answered; tells why it was not. */
static int check(int result, const char* method, const char* error) {
  if (result < 0) return fail(method, strerror(-result));
  if (error) return fail(method, error);
  return 0;
}

static int submit(sd_varlink* concd, const char* source, uint64_t* id) {
  const char* error = NULL;
  sd_json_variant* reply = NULL; /* belongs to the connection, until the next call */
  int r = sd_varlink_callbo(concd, "io.concd.Download", &reply, &error,
                            SD_JSON_BUILD_PAIR_STRING("source", source));
  if (check(r, "Download", error) < 0) return -1;
  *id = sd_json_variant_unsigned(sd_json_variant_by_key(reply, "id"));
  return 0;
}

static int wait_done(sd_varlink* concd, uint64_t id) {
  const char* error = NULL;
  sd_json_variant* reply = NULL;
  int r = sd_varlink_callbo(concd, "io.concd.Wait", &reply, &error,
                            SD_JSON_BUILD_PAIR_ARRAY("ids", SD_JSON_BUILD_UNSIGNED(id)));
  if (check(r, "Wait", error) < 0) return -1;
  sd_json_variant* job = sd_json_variant_by_index(sd_json_variant_by_key(reply, "jobs"), 0);
  const char* state = sd_json_variant_string(sd_json_variant_by_key(job, "state"));
  if (state && strcmp(state, "done") == 0) return 0;
  sd_json_variant* failure = sd_json_variant_by_key(job, "failure");
  const char* message = failure ? sd_json_variant_string(sd_json_variant_by_key(failure, "message")) : NULL;
  return fail("the job has failed", message ? message : state ? state : "no state");
}

/* A descriptor of the finished file, open for reading. */
static int open_result(sd_varlink* concd, uint64_t id) {
  const char* error = NULL;
  sd_json_variant* reply = NULL;
  int r =
      sd_varlink_callbo(concd, "io.concd.OpenResult", &reply, &error, SD_JSON_BUILD_PAIR_UNSIGNED("id", id));
  if (check(r, "OpenResult", error) < 0) return -1;
  int fd = sd_varlink_take_fd(concd, sd_json_variant_unsigned(sd_json_variant_by_key(reply, "fd")));
  return fd < 0 ? fail("OpenResult", strerror(-fd)) : fd;
}

static int copy_to_stdout(int fd) {
  char buffer[65536];
  ssize_t size;
  while ((size = read(fd, buffer, sizeof(buffer))) > 0)
    if (fwrite(buffer, 1, (size_t)size, stdout) < (size_t)size) return fail("stdout", strerror(errno));
  if (size < 0) return fail("read", strerror(errno));
  return fflush(stdout) == 0 ? 0 : fail("stdout", strerror(errno));
}

static int download(sd_varlink* concd, const char* source) {
  uint64_t id;
  if (submit(concd, source, &id) < 0 || wait_done(concd, id) < 0) return -1;
  int fd = open_result(concd, id);
  if (fd < 0) return -1;
  /* The daemon may forget its copy. The file is ours, whatever is replied. */
  const char* error = NULL;
  (void)sd_varlink_callbo(concd, "io.concd.Release", NULL, &error, SD_JSON_BUILD_PAIR_UNSIGNED("id", id));
  int r = copy_to_stdout(fd);
  close(fd);
  return r;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s SOURCE > FILE\n", argv[0]);
    return 2;
  }
  const char* socket = getenv("CONCD_SOCKET");
  sd_varlink* concd = NULL;
  int r = sd_varlink_connect_address(&concd, socket ? socket : "/run/concd/concd.sock");
  if (r >= 0) r = sd_varlink_set_allow_fd_passing_input(concd, 1);
  if (r >= 0)
    r = sd_varlink_set_relative_timeout(concd, UINT64_MAX); /* a download takes as long as it takes */
  r = r < 0 ? fail("concd", strerror(-r)) : download(concd, argv[1]);
  sd_varlink_unref(concd);
  return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
