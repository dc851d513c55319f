#include <array>

#include "store/tables.hpp"

namespace concd::store {
namespace {

using job::Artifact;
using job::FileStamp;
using job::Validators;
using enum Written;

constexpr std::array k_columns{
    column<&Artifact::name>("name", once),
    column<&Artifact::url>("url", once),
    column<&Artifact::validators, &Validators::etag>("etag", once),
    column<&Artifact::validators, &Validators::last_modified>("last_modified", once),
    column<&Artifact::size>("size", once),
    column<&Artifact::digest>("digest", once),
    column<&Artifact::fetched_at>("fetched_at", once),
    column<&Artifact::stamp, &FileStamp::inode>("inode", once),
    column<&Artifact::stamp, &FileStamp::mtime>("mtime", once),
    column<&Artifact::stamp, &FileStamp::ctime>("ctime", once),
};

}  // namespace

constinit const Table<Artifact> k_artifact_table{"artifact", k_columns};

}  // namespace concd::store
