#pragma once
// From what stands on the command line to recordings, one after the other.

#include <string>
#include <vector>

#include "recording.hpp"
#include "systolic/core/result.hpp"
#include "systolic/io/record_format.hpp"

namespace program {

/// A file with a recording or several, still to be read, or the reason why there is none.
struct Input {
  systolic::io::RecordFile file;
  Index item = -1;      ///< which recording of an .npy that holds several; -1: all that there are
  std::string name;     ///< as results call it
  std::string problem;  ///< message; empty where there is a file
};

/// The recordings that `arguments` name: files in any format, WFDB records, folders (all recordings below, sorted), and
/// "-" (paths on standard input, one a line). What cannot be found stands in its place as a problem. Reads no samples.
/// `rate` as in open_recordings.
std::vector<Input> find_inputs(const std::vector<std::string>& arguments, double rate = 0);

/// The recordings of an input, in mV, at their own rate and with their own leads. Their names are the input's; where a
/// file holds several, with a number behind it. `rate`: samples a second, where the file states none; 0: not known.
systolic::Result<std::vector<Recording>> open_recordings(const Input& input, double rate = 0);

/// The same for an input that holds one recording, which is read whole.
systolic::Result<systolic::Record> read_recording(const Input& input, double rate = 0);

/// A name for the files that belong to each input, without a folder: the end of its name, or all of it where two inputs
/// would share one.
std::vector<std::string> output_names(const std::vector<Input>& inputs);

/// The same for one of the input's recordings.
std::string output_name(const std::string& input_name, const Input& input, const Recording& recording);

/// True where the file is one of weights (safetensors or a PyTorch checkpoint), by content or else by name.
bool looks_like_weights(const std::string& path);

}  // namespace program
