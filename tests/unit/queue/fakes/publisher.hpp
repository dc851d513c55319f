#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "publish/publisher.hpp"

namespace concd::test {

/// Writes down what it is to publish; the test says how that goes.
struct FakePublisher final : publish::Publisher {
  void start(publish::Publication publication, Done done) override {
    dones[publication.id] = std::move(done);
    publications[publication.id] = std::move(publication);
  }
  void stop(job::Id id) override { stopped.push_back(id); }
  void look_again(publish::Doubt doubt, Seen seen) override {
    doubts.push_back({std::move(doubt), std::move(seen)});
  }

  /// Puts a file of the publication's size in place, and says so.
  void publish(job::Id id) {
    const auto& publication = publications.at(id);
    std::ofstream(publication.destination) << std::string(publication.size, 'x');
    publish::Result result;
    struct stat status{};
    if (::lstat(publication.destination.c_str(), &status) == 0) result.stamp = job::stamp_of(status);
    answer(id, result);
  }
  void answer(job::Id id, const publish::Result& result) {
    if (!result.kept) std::filesystem::remove(publications.at(id).part);
    dones.extract(id).mapped()(result);
  }

  std::map<job::Id, publish::Publication> publications;  ///< the last one of each transfer
  std::map<job::Id, Done> dones;                         ///< of those that go on
  std::vector<job::Id> stopped;
  std::vector<std::pair<publish::Doubt, Seen>> doubts;  ///< what is to be read anew
};

}  // namespace concd::test
