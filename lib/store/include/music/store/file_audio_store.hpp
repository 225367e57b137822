#pragma once

/// Songs as files.

#include <music/core/audio.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace music {

/// Opens `directory`/audio, making both with mode 0700, locks it against other processes, and removes what a crash left
/// half written. Blocks; call it before the shards start. Errors: `store_unavailable`; the detail says which directory and
/// why.
///
/// A file is called <sha256>-<job id>-<8 random characters> and lies in a folder named by the hash's first two digits: its
/// content can be checked against its name, and it belongs to one job alone, so erasing a song never takes another's bytes.
/// Committing is: fsync the file, rename it into place, fsync the folder.
///
/// Thread-safe. Disk work runs on `threads` threads of the store's own. Cancelling an await abandons its result; a commit
/// that is abandoned leaves no file. Must outlive its readers' and writers' calls.
[[nodiscard]] result<std::unique_ptr<audio_store>> open_file_audio_store(const std::filesystem::path& directory,
                                                                         std::size_t threads = 2);

/// Erases the files of these jobs below `directory`/audio and gives their number. For jobs that a crash interrupted: their
/// record names no file yet, so what lies there was placed and never named, and nobody else would ever erase it; but `named`
/// stay, the songs that came with the answer to their submission, whose files are named by the songs' ids. Blocks; call it
/// while the store is open and before it is used. Errors: `store_unavailable`.
[[nodiscard]] result<std::size_t> erase_unnamed_audio(const std::filesystem::path& directory, const std::vector<job_id>& owners,
                                                      const std::set<std::string, std::less<>>& named = {});

}  // namespace music
