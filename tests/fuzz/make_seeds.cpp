// make_seeds FOLDER: a few small sound files of every format, one folder a driver, for fuzzing to start from.

#include <cstdio>
#include <filesystem>
#include <string>

#include "support/echo_data_sets.hpp"
#include "support/edf_bytes.hpp"
#include "support/files.hpp"
#include "support/tracings.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/wfdb_annotation.hpp"
#ifdef SYSTOLIC_WITH_TORCH
#include "systolic/io/torch_checkpoint.hpp"
#endif
#ifdef SYSTOLIC_WITH_GZIP
#include "support/gzip_bytes.hpp"
#endif
#ifdef SYSTOLIC_WITH_MAT
#include "support/mat_bytes.hpp"
#endif
#ifdef SYSTOLIC_WITH_DICOM
#include "support/dicom_bytes.hpp"
#endif
#ifdef SYSTOLIC_WITH_PNG
#include "support/png_bytes.hpp"
#endif

namespace {

using namespace systolic;

std::string root;

std::string seed(const std::string& driver, const std::string& name) {
  std::filesystem::create_directories(root + "/" + driver);
  return root + "/" + driver + "/" + name;
}
void put(const std::string& driver, const std::string& name, const std::string& bytes) {
  testing::write_bytes(seed(driver, name), bytes);
}

void put_texts() {
  put("csv", "given", "I (mV),V1 (uV)\n0.5,1000\n-0.25,-2e3\n,nan\n");
  put("csv", "times", "'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'\n'0:00.000',-0.145\n'0:00.003',-\n'0:00.006',0.1\n");
  put("csv", "tabs", "\xEF\xBB\xBFtime [ms]\tII\tABP/mmHg\n0\t1\t80\n4\t2\t81\n");
  put("report_json", "info",
      R"({"info": {"sample_rate": 1000, "unit": "mV"}, "I": [-1.165, 0, 1e-3], "II": [null, 2, 3]})");
  put("report_json", "other", R"({"labels": ["AF", {"I": [7]}], "V1": [1, 2]})");
  put("aecg", "rhythm",
      "<?xml version='1.0'?><AnnotatedECG xmlns='urn:hl7-org:v3'><component><series><code code='RHYTHM'/><component>"
      "<sequenceSet><component><sequence><code code='TIME_ABSOLUTE'/><value><increment value='0.002' unit='s'/></value>"
      "</sequence></component><component><sequence><code code='MDC_ECG_LEAD_AVR'/><value><origin value='0' unit='uV'/>"
      "<scale value='5' unit='uV'/><digits>1 -2 3</digits></value></sequence></component></sequenceSet></component>"
      "</series></component></AnnotatedECG>");
}

void put_wfdb() {
  const std::string data(24, '\x81');
  for (const char* format : {"8", "16", "24", "32", "61", "80", "160", "212", "310", "311"})
    put("wfdb", format,
        std::string("r 2 500/1000(0) 2\nr.dat ") + format + " 200(1)/mV 12 0 0 0 0 I\nr.dat " + format + "\n# note\n" +
            '\0' + data);
  put("wfdb", "frames", "r 2 500\nr.dat 80x2 1/uV\nr.dat 80:1+2 1/mmHg\n" + ('\0' + data));
  put("wfdb", "segments", std::string("r/3 1 500 5\ns 2\n~ 1\ns 2\n") + '\0');
}

void put_edf() {
  testing::EdfFields edf;
  put("edf", "plain", edf.header() + testing::edf_words({10, 20, 30, 40, 1, 2, 3, 4, 50, 60, 70, 80, 5, 6, 7, -32768}));
  edf.kind = "EDF+D";
  edf.signals = {{"ECG"}, testing::edf_annotation_signal};
  put("edf", "interrupted",
      edf.header() + testing::edf_words({1, 2, 3, 4}) + testing::edf_annotations("+0\x14\x14") +
          testing::edf_words({5, 6, 7, 8}) +
          testing::edf_annotations("+5\x15"
                                   "1\x14"
                                   "A\x14"));
  edf = {};
  edf.version =
      "\xFF"
      "BIOSEMI";
  edf.records = "1";
  put("edf", "bdf", edf.header() + testing::edf_words({1, 2, 3, 4, 5, 6, 7, -8388608}, 3));
}

void put_arrays_and_weights() {
  static_cast<void>(io::write_npy(seed("npy", "one"), formula_tensor<float>("a", {3, 12})));
  static_cast<void>(io::write_npy(seed("npy", "many"), formula_tensor<double>("b", {2, 2, 12})));
  nn::StateDict state;
  state.tensors.push_back({"layer.weight", formula_tensor("w", {2, 3})});
  state.tensors.push_back({"layer.bias", formula_tensor("b", {3})});
  state.metadata.push_back({"note", "seed"});
  static_cast<void>(io::write_safetensors(seed("safetensors", "f32"), state, io::DataType::f32));
  static_cast<void>(io::write_safetensors(seed("safetensors", "f16"), state, io::DataType::f16));
#ifdef SYSTOLIC_WITH_TORCH
  // The driver's archive has one storage, named 0.
  state.tensors.resize(1);
  const std::string checkpoint = seed("torch_pickle", "state");
  static_cast<void>(io::write_torch_checkpoint(checkpoint, state));
  if (const auto archive = io::ZipArchive::open(checkpoint); archive)
    if (const auto pickle = archive->read("archive/data.pkl", 1 << 20); pickle) put("torch_pickle", "state", *pickle);
#endif
  std::vector<io::Annotation> beats(3);
  for (std::size_t i = 0; i < beats.size(); ++i) {
    beats[i].sample = static_cast<Index>(400 * i);
    beats[i].code = io::AnnotationCode::normal_beat;
  }
  beats[1].auxiliary = "(N";
  static_cast<void>(io::write_wfdb_annotations(seed("annotation", "beats"), beats));
}

void put_mat() {
#ifdef SYSTOLIC_WITH_MAT
  using namespace testing::mat;
  const std::string leads = matrix(10, 2, 3, "val", 3, numbers<std::int16_t>({1, 2, 3, 4, 5, 6}));
  put("mat", "plain", mat5(leads + matrix(6, 1, 1, "Fs", 2, "\x7D")));
  put("mat", "compressed", mat5(compressed(leads)));
  const std::string names = element(5, word(8)) + element(1, std::string("data\0\0\0\0", 8));
  put("mat", "structure",
      mat5(element(14,
                   matrix_head(2, 1, 1, "ECG") + names + matrix(6, 2, 3, "", 9, numbers<double>({1, 2, 3, 4, 5, 6})))));
  put("mat", "version_4",
      word(30) + word(2) + word(3) + word(0) + word(4) + std::string("val\0", 4) +
          numbers<std::int16_t>({1, 2, 3, 4, 5, 6}));
#endif
}

void put_echocardiograms() {
  const std::vector<testing::Segment> rows = testing::half_ellipsoid(60, 15);
  put("tracings", "two_frames",
      testing::tracings_header + testing::table_rows("a.avi", rows, 46) +
          testing::table_rows("a.avi", testing::half_ellipsoid(55, 10), 61));
  put("tracings", "quoted",
      "\xEF\xBB\xBF\"Frame\";X1;Y1;X2;Y2;FileName;Note\r\n3;1;2;3;4;a;\"x;y\"\r\n3;1;2;3;4;;\r\n");
  put("echo_tables", "dynamic", "FileName,EF,Split,X1,Y1,X2,Y2,Frame\nA,5,TRAIN,1,2,3,4,5\n");
  put("echo_tables", "lvh",
      "HashedFileName,Calc,CalcValue,Frame,X1,X2,Y1,Y2,Frames,split\nA,IVSd,1,3,5,5,1,9,20,train\n"
      "A,LVIDd,4,3,5,5,10,50,20,train\nA,LVPWd,1,3,5,5,51,60,20,train\n");
  Tensor<float> images({2, 3, 4});
  for (Index i = 0; i < images.size(); ++i) images.data()[i] = static_cast<float>(i);
  const std::string meta =
      "NDims = 3\nElementSpacing = 0.4 0.5 1\nDimSize = 3 2 1\nElementType = MET_UCHAR\nElementDataFile = "
      "LOCAL\nabcdef";
  put("image_stack", "nifti", testing::nifti_file(images));
  put("image_stack", "meta", meta);
#ifdef SYSTOLIC_WITH_GZIP
  put("image_stack", "gzip", testing::gzip(testing::nifti_file(images)));
#endif
  put("frames", "pgm", std::string("P5\n# note\n3 2\n255\n") + "abcdef");
  put("frames", "pgm_wide", std::string("P5 2 1 4095\n") + std::string("\x0F\xFF\x00\x10", 4));
#ifdef SYSTOLIC_WITH_PNG
  using testing::png_file;
  put("frames", "grey", png_file(2, 3, {}, {1, 2, 3, 4, 5, 6}));
  put("frames", "grey_1_interlaced", png_file(2, 3, {PNG_COLOR_TYPE_GRAY, 1, true}, {0x80, 0x40}));
  put("frames", "grey_16", png_file(1, 2, {PNG_COLOR_TYPE_GRAY, 16, false, true}, {0, 9, 255, 1}));
  put("frames", "colours", png_file(2, 1, {PNG_COLOR_TYPE_RGB_ALPHA}, {1, 2, 3, 4, 5, 6, 7, 8}));
  put("frames", "palette", png_file(1, 2, {PNG_COLOR_TYPE_PALETTE, 4, false, true}, {0x1F}));
#endif
}

#ifdef SYSTOLIC_WITH_DICOM
void put_dicom() {
  testing::DicomGroup two;
  two.channels = {{"2:1", "", "2.5", "1", "uV", "3"}, {"", "Lead V3", "0.001", "", "V", ""}};
  testing::write_dicom(seed("dicom", "explicit"), {two, testing::DicomGroup{}});
  testing::write_dicom(seed("dicom", "implicit"), {two}, EXS_LittleEndianImplicit);
  testing::write_dicom(seed("dicom", "big"), {two}, EXS_BigEndianExplicit);
}
#endif

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: make_seeds FOLDER\n", stderr);
    return 2;
  }
  root = arguments[1];
  put_texts();
  put_wfdb();
  put_edf();
  put_arrays_and_weights();
  put_mat();
  put_echocardiograms();
#ifdef SYSTOLIC_WITH_DICOM
  put_dicom();
#endif
  return 0;
}
