#pragma once
// Where results go: checked before hours of work are done for nothing.

#include <filesystem>
#include <string>

#include "systolic/core/result.hpp"

namespace program {

/// Makes the folder with its parents where it is missing, and tries whether files can be made in it.
systolic::Status prepare_folder(const std::string& folder);

/// The same for the folder of a file that is to be written, which must exist; the file itself is left alone.
systolic::Status check_writable(const std::string& file);

/// True for an existing folder, and for a path that ends in '/'.
bool names_folder(const std::string& path);

/// "FOLDER/NAME".
std::string in_folder(const std::string& folder, const std::string& name);

/// The folder of the running program; empty where the system does not tell.
std::filesystem::path program_folder();

}  // namespace program
