// Videos are read by a module that is loaded when the first one comes: FFmpeg's libraries bring some hundred others,
// and a start of the program that loads them takes ten times as long and twice the memory.

#ifdef SYSTOLIC_VIDEO_READER

#include <dlfcn.h>

#include <optional>
#include <string>
#include <utility>

#include "folders.hpp"
#include "systolic/io/frames.hpp"

namespace systolic::io {
namespace {

struct Module {
  void (*read)(const std::string&, std::optional<Result<Clip>>&);
};

/// The module beside the program, as in the folder of a build, or where an installation has it. Never closed.
Result<Module> load_module() {
  std::string looked_at;
  const std::filesystem::path here = program::program_folder();
  for (const auto& folder : {here, (here / SYSTOLIC_MODULES_FROM_PROGRAM).lexically_normal()}) {
    const std::string file = (folder / SYSTOLIC_VIDEO_MODULE).string();
    if (void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL))
      if (void* const function = ::dlsym(library, "systolic_read_video"))
        return Module{reinterpret_cast<decltype(Module::read)>(function)};
    const char* const why = ::dlerror();
    looked_at += (looked_at.empty() ? "" : "; ") + std::string(why != nullptr ? why : file.c_str());
  }
  return Error{"the reader of videos cannot be loaded: " + looked_at};
}

}  // namespace

Result<Clip> SYSTOLIC_VIDEO_READER(const std::string& path) {
  static const Result<Module> reader = load_module();
  if (!reader) return error_at(path, "", reader.error().message);
  std::optional<Result<Clip>> clip;
  reader->read(path, clip);
  return std::move(*clip);
}

}  // namespace systolic::io

#endif
