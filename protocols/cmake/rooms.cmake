# vtb_library(NAME [HEADERS ...] SOURCES ... [USES ...] [SYSTEM ...])
#
# Makes the library NAME from the current folder. Whoever names it in USES may write
# #include "NAME/header.h" and nothing else: the include path of a library is a folder of the
# build that holds one link to the room, so a wall cannot be crossed by accident.
# HEADERS limits what is visible to the named files (media shows only media.h that way).
find_package(PkgConfig REQUIRED)

function(vtb_library name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;USES;SYSTEM" ${ARGN})
  set(view ${CMAKE_BINARY_DIR}/include/${name})
  if(ARG_HEADERS)
    if(IS_SYMLINK ${view}/${name}) # from a build in which everything was visible
      file(REMOVE ${view}/${name})
    endif()
    file(MAKE_DIRECTORY ${view}/${name})
    foreach(header ${ARG_HEADERS})
      get_filename_component(leaf ${header} NAME)
      file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${view}/${name}/${leaf} SYMBOLIC)
    endforeach()
  else()
    file(MAKE_DIRECTORY ${view})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${name} SYMBOLIC)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} INTERFACE ${view})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${view})
  target_link_libraries(${name} PUBLIC ${ARG_USES})
  vtb_harden(${name})
  foreach(pkg ${ARG_SYSTEM})
    vtb_system(${name} ${pkg})
  endforeach()
endfunction()

# vtb_program(NAME SOURCES ... USES ... [SYSTEM ...])
function(vtb_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;SYSTEM" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_USES})
  vtb_harden(${name})
  foreach(pkg ${ARG_SYSTEM})
    vtb_system(${name} ${pkg})
  endforeach()
endfunction()

# A package known to pkg-config, looked up once for the whole build.
function(vtb_system target pkg)
  string(MAKE_C_IDENTIFIER "PKG_${pkg}" id)
  if(NOT TARGET PkgConfig::${id})
    pkg_check_modules(${id} REQUIRED IMPORTED_TARGET GLOBAL ${pkg})
  endif()
  target_link_libraries(${target} PRIVATE PkgConfig::${id})
endfunction()

# vtb_test(NAME SOURCES ... USES ... [SYSTEM ...]): a cmocka test, run by ctest.
function(vtb_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;SYSTEM" ${ARGN})
  vtb_program(${name} SOURCES ${ARG_SOURCES} USES ${ARG_USES} SYSTEM cmocka ${ARG_SYSTEM})
  target_compile_definitions(${name} PRIVATE
    VTB_SOURCE_DIR="${CMAKE_SOURCE_DIR}" VTB_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()

# vtb_fuzz(NAME SOURCES ... USES ...): LLVMFuzzerTestOneInput. With the fuzz preset a libFuzzer
# program; otherwise a driver replays the corpus tests/fuzz/corpus/NAME as a ctest.
function(vtb_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  if(VTB_FUZZ)
    vtb_program(${name} SOURCES ${ARG_SOURCES} USES ${ARG_USES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    vtb_program(${name} SOURCES ${ARG_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c USES ${ARG_USES})
    add_test(NAME ${name} COMMAND ${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
  endif()
endfunction()
