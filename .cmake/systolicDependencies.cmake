# What the library and its components stand on. The project's own build and the installed package include this same
# file, so that both find the same things in the same way.
#
#   systolic_find(COMPONENT)   COMPONENT: systolic (the headers themselves) or one of ${systolic_components}
#     sets systolic_COMPONENT_links     the targets to link
#          systolic_COMPONENT_missing   what is not there, for a person to read; empty if all is there

# Readers and writers that need a library of their own, and are included by themselves. A new one needs its name here, a macro
# below and the pkg-config packages that it requires. Whoever links one compiles with SYSTOLIC_WITH_TORCH (_MAT, ...).
set(systolic_components torch mat gzip json xml dicom png video pdf mpi)
set(systolic_torch_pkgconfig libzip)
set(systolic_mat_pkgconfig zlib)
set(systolic_gzip_pkgconfig zlib)
set(systolic_json_pkgconfig nlohmann_json)
set(systolic_xml_pkgconfig pugixml)
set(systolic_png_pkgconfig libpng)
set(systolic_video_pkgconfig "libavformat libavcodec libavutil libswscale")
set(systolic_mpi_pkgconfig ompi-cxx)
set(systolic_pdf_pkgconfig "")
set(systolic_dicom_pkgconfig "")
set(systolic_dicom_libs -ldcmdata -loflog -lofstd) # dcmtk.pc names every library of DCMTK
set(systolic_pdf_libs -lhpdf) # libharu brings no pkg-config file

macro(systolic_find component)
  set(systolic_${component}_links "")
  set(systolic_${component}_missing "")
  string(TOUPPER "SYSTOLIC_WITH_${component}" systolic_${component}_definition)
  cmake_language(CALL systolic_find_${component})
endmacro()

macro(systolic_find_systolic)
  find_package(Eigen3 CONFIG QUIET)
  if(TARGET Eigen3::Eigen)
    list(APPEND systolic_systolic_links Eigen3::Eigen)
  else()
    string(APPEND systolic_systolic_missing " Eigen 3.3 or newer (Debian: libeigen3-dev)")
  endif()

  find_package(xsimd CONFIG QUIET)
  if(TARGET xsimd)
    # Debian's xsimd 8.1 links a target of a package that it does not depend on.
    get_target_property(systolic_xsimd_links xsimd INTERFACE_LINK_LIBRARIES)
    if(NOT TARGET xtl AND "xtl" IN_LIST systolic_xsimd_links)
      list(REMOVE_ITEM systolic_xsimd_links xtl)
      set_target_properties(xsimd PROPERTIES INTERFACE_LINK_LIBRARIES "${systolic_xsimd_links}")
    endif()
    list(APPEND systolic_systolic_links xsimd)
  else()
    string(APPEND systolic_systolic_missing " xsimd 8.1 or newer (Debian: libxsimd-dev)")
  endif()

  find_package(Threads QUIET)
  if(TARGET Threads::Threads)
    list(APPEND systolic_systolic_links Threads::Threads)
  else()
    string(APPEND systolic_systolic_missing " threads")
  endif()

  # Without OpenMP work is spread over std::thread; whoever wants that sets SYSTOLIC_OPENMP to OFF.
  if(NOT DEFINED SYSTOLIC_OPENMP OR SYSTOLIC_OPENMP)
    find_package(OpenMP QUIET COMPONENTS CXX)
    if(TARGET OpenMP::OpenMP_CXX)
      list(APPEND systolic_systolic_links OpenMP::OpenMP_CXX)
    endif()
  endif()
endmacro()

# systolic/io/torch_checkpoint.hpp: the archive of a PyTorch file is a zip.
macro(systolic_find_torch)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(systolic_libzip QUIET IMPORTED_TARGET GLOBAL libzip)
  endif()
  if(TARGET PkgConfig::systolic_libzip)
    list(APPEND systolic_torch_links PkgConfig::systolic_libzip)
  else()
    string(APPEND systolic_torch_missing " libzip and pkg-config (Debian: libzip-dev pkg-config)")
  endif()
endmacro()

# systolic/io/mat.hpp: MATLAB files are compressed by zlib.
macro(systolic_find_mat)
  find_package(ZLIB QUIET)
  if(TARGET ZLIB::ZLIB)
    list(APPEND systolic_mat_links ZLIB::ZLIB)
  else()
    string(APPEND systolic_mat_missing " zlib (Debian: zlib1g-dev)")
  endif()
endmacro()

# systolic/io/gzip.hpp: NIfTI files are compressed by zlib.
macro(systolic_find_gzip)
  find_package(ZLIB QUIET)
  if(TARGET ZLIB::ZLIB)
    list(APPEND systolic_gzip_links ZLIB::ZLIB)
  else()
    string(APPEND systolic_gzip_missing " zlib (Debian: zlib1g-dev)")
  endif()
endmacro()

# systolic/io/report_json.hpp
macro(systolic_find_json)
  find_package(nlohmann_json CONFIG QUIET)
  if(TARGET nlohmann_json::nlohmann_json)
    list(APPEND systolic_json_links nlohmann_json::nlohmann_json)
  else()
    string(APPEND systolic_json_missing " nlohmann-json 3.9 or newer (Debian: nlohmann-json3-dev)")
  endif()
endmacro()

# systolic/io/aecg.hpp: HL7 aECG files are XML.
macro(systolic_find_xml)
  find_package(pugixml CONFIG QUIET)
  if(TARGET pugixml::pugixml)
    list(APPEND systolic_xml_links pugixml::pugixml)
  else()
    string(APPEND systolic_xml_missing " pugixml 1.10 or newer (Debian: libpugixml-dev)")
  endif()
endmacro()

# systolic/io/dicom.hpp: DCMTK, of which three libraries are enough.
macro(systolic_find_dicom)
  find_path(systolic_dcmtk_folder dcmtk/dcmdata/dcfilefo.h)
  mark_as_advanced(systolic_dcmtk_folder)
  set(systolic_dcmtk_libraries "")
  foreach(name dcmdata oflog ofstd)
    find_library(systolic_${name}_library ${name})
    mark_as_advanced(systolic_${name}_library)
    if(systolic_${name}_library)
      list(APPEND systolic_dcmtk_libraries "${systolic_${name}_library}")
    endif()
  endforeach()
  list(LENGTH systolic_dcmtk_libraries systolic_dcmtk_count)
  if(systolic_dcmtk_folder AND systolic_dcmtk_count EQUAL 3)
    if(NOT TARGET systolic_dcmtk)
      add_library(systolic_dcmtk INTERFACE IMPORTED GLOBAL)
      set_target_properties(systolic_dcmtk PROPERTIES INTERFACE_LINK_LIBRARIES "${systolic_dcmtk_libraries}"
                            INTERFACE_INCLUDE_DIRECTORIES "${systolic_dcmtk_folder}")
    endif()
    list(APPEND systolic_dicom_links systolic_dcmtk)
  else()
    string(APPEND systolic_dicom_missing " DCMTK 3.6 (Debian: libdcmtk-dev)")
  endif()
endmacro()

# systolic/io/png.hpp
macro(systolic_find_png)
  find_package(PNG QUIET)
  if(TARGET PNG::PNG)
    list(APPEND systolic_png_links PNG::PNG)
  else()
    string(APPEND systolic_png_missing " libpng 1.6 (Debian: libpng-dev)")
  endif()
endmacro()

# systolic/io/video.hpp: FFmpeg's libraries, 4.0 or newer.
macro(systolic_find_video)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(systolic_ffmpeg QUIET IMPORTED_TARGET GLOBAL libavformat>=58 libavcodec>=58 libavutil libswscale)
  endif()
  if(TARGET PkgConfig::systolic_ffmpeg)
    list(APPEND systolic_video_links PkgConfig::systolic_ffmpeg)
  else()
    string(APPEND systolic_video_missing
           " FFmpeg's libraries and pkg-config (Debian: libavformat-dev libavcodec-dev libswscale-dev pkg-config)")
  endif()
endmacro()

# systolic/report/pdf_report.hpp: libharu writes PDF. It is found by its files: not every version brings a package.
macro(systolic_find_pdf)
  find_path(systolic_hpdf_folder hpdf.h)
  find_library(systolic_hpdf_library hpdf)
  mark_as_advanced(systolic_hpdf_folder systolic_hpdf_library)
  if(systolic_hpdf_folder AND systolic_hpdf_library)
    if(NOT TARGET systolic_hpdf)
      add_library(systolic_hpdf UNKNOWN IMPORTED GLOBAL)
      set_target_properties(systolic_hpdf PROPERTIES IMPORTED_LOCATION "${systolic_hpdf_library}"
                            INTERFACE_INCLUDE_DIRECTORIES "${systolic_hpdf_folder}")
    endif()
    list(APPEND systolic_pdf_links systolic_hpdf)
  else()
    string(APPEND systolic_pdf_missing " libharu (Debian: libhpdf-dev)")
  endif()
endmacro()

# systolic/train/mpi.hpp: one training on several machines.
macro(systolic_find_mpi)
  find_package(MPI QUIET COMPONENTS CXX)
  if(TARGET MPI::MPI_CXX)
    list(APPEND systolic_mpi_links MPI::MPI_CXX)
  else()
    string(APPEND systolic_mpi_missing " MPI (Debian: libopenmpi-dev openmpi-bin)")
  endif()
endmacro()
