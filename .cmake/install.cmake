# What `cmake --install` lays down. Nothing of it holds an absolute path: the installed tree may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(systolic_package_folder ${CMAKE_INSTALL_DATADIR}/cmake/systolic)
set(systolic_pkgconfig_folder ${CMAKE_INSTALL_DATADIR}/pkgconfig)
set(systolic_weights_folder ${CMAKE_INSTALL_DATADIR}/systolic/weights)

install(DIRECTORY include/systolic DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.hpp)
install(DIRECTORY weights/ DESTINATION ${systolic_weights_folder} FILES_MATCHING PATTERN *.safetensors)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET systolic_program)
  install(TARGETS systolic_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  if(TARGET systolic_video_module)
    install(TARGETS systolic_video_module LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/systolic)
  endif()
endif()

# CMake package
configure_package_config_file(
  .cmake/systolicConfig.cmake.in ${PROJECT_BINARY_DIR}/package/systolicConfig.cmake
  INSTALL_DESTINATION ${systolic_package_folder}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR systolic_weights_folder)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/package/systolicConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/package/systolicConfig.cmake
              ${PROJECT_BINARY_DIR}/package/systolicConfigVersion.cmake
              .cmake/systolicDependencies.cmake
        DESTINATION ${systolic_package_folder})

# pkg-config: one file for the headers, one for each component
file(RELATIVE_PATH systolic_prefix_from_pkgconfig /${systolic_pkgconfig_folder} /)
configure_file(.cmake/systolic.pc.in package/systolic.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/systolic.pc DESTINATION ${systolic_pkgconfig_folder})
foreach(component IN LISTS systolic_components)
  set(systolic_component_requires ${systolic_${component}_pkgconfig})
  set(systolic_component_libs ${systolic_${component}_libs})
  set(systolic_component_definition ${systolic_${component}_definition})
  configure_file(.cmake/systolic-component.pc.in package/systolic-${component}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/systolic-${component}.pc DESTINATION ${systolic_pkgconfig_folder})
endforeach()
