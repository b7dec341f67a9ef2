// A folder of a test's own on the real file system, gone when the test is.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include "test/check.h"

namespace milena::test {

class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& label) : path_((std::filesystem::temp_directory_path() / ("milena-" + label + "-XXXXXX")).string()) {
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace milena::test
