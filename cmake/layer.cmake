# gnomon_layer(NAME [USES layer...] [WRAPS library...])
#
# One folder (and its folders), one library: src/NAME/*.cc becomes gnomon_NAME, *_test.cc beside them the test
# program NAME_test, and each *_fuzz.cc a fuzz target, which in ordinary builds replays
# tests/corpus/SUBJECT as a test.
#
# A layer sees its own headers and those of the layers it USES: each publishes an include root that
# holds nothing but itself, so including upwards does not compile. WRAPS are libraries that this
# layer alone may include. COLD marks a layer off the packet path: its debug build, like that of all
# tests, is not optimised, which halves the time to compile it with sanitizers.
set(GNOMON_COLD $<$<CONFIG:Debug>:-O0>)

# What most files include of the standard library, parsed once for all targets of a kind (warm, cold,
# test): a good part of the time of a build with sanitizers. The first target of a kind makes it, so
# all of a kind must be compiled with the same options. Not where g++ optimises: it then warns of what
# is not there in the standard library.
set(GNOMON_COMMON_HEADERS
    <algorithm> <array> <charconv> <chrono> <cstdint> <cstdio> <cstdlib> <cstring> <filesystem>
    <fstream> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <vector>)

function(gnomon_precompile target kind)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    return()
  endif()
  get_property(maker GLOBAL PROPERTY GNOMON_HEADERS_${kind})
  if(maker)
    target_precompile_headers(${target} REUSE_FROM ${maker})
  else()
    target_precompile_headers(${target} PRIVATE ${GNOMON_COMMON_HEADERS} ${ARGN})
    set_property(GLOBAL PROPERTY GNOMON_HEADERS_${kind} ${target})
  endif()
endfunction()

# The fuzz target of a file *_fuzz.cc; what follows is linked to it.
function(gnomon_fuzz_target source)
  get_filename_component(target ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" subject ${target})
  add_executable(${target} ${source})
  target_link_libraries(${target} ${ARGN})
  gnomon_precompile(${target} warm)
  if(GNOMON_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_link_libraries(${target} gnomon_replay_corpus)
    add_test(NAME ${target} COMMAND ${target} ${CMAKE_SOURCE_DIR}/tests/corpus/${subject}
             WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()

function(gnomon_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "COLD" "" "USES;WRAPS")

  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root}/gnomon)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/include/gnomon/${name} ${root}/gnomon/${name} SYMBOLIC)

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc
       ${CMAKE_SOURCE_DIR}/src/${name}/*/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cc$")

  list(TRANSFORM layer_USES PREPEND gnomon_)
  if(sources)
    set(visibility PUBLIC)
    add_library(gnomon_${name} STATIC ${sources})
    target_link_libraries(gnomon_${name} PRIVATE ${layer_WRAPS})
  else()
    set(visibility INTERFACE)
    add_library(gnomon_${name} INTERFACE)
    target_link_libraries(gnomon_${name} INTERFACE ${layer_WRAPS})
  endif()
  target_include_directories(gnomon_${name} ${visibility} ${root})
  target_link_libraries(gnomon_${name} ${visibility} ${layer_USES})
  if(layer_COLD)
    target_compile_options(gnomon_${name} PRIVATE ${GNOMON_COLD})
    gnomon_precompile(gnomon_${name} cold)
  elseif(sources)
    gnomon_precompile(gnomon_${name} warm)
  endif()

  if(tests AND build_tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test gnomon_${name} gnomon_test_main ${layer_WRAPS})
    # g++ 12, optimising more, warns of what is not there in std::vector.
    target_compile_options(${name}_test PRIVATE $<IF:$<CONFIG:Debug>,-O0,-O1>)
    gnomon_precompile(${name}_test test <catch2/catch.hpp>)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()

  foreach(source IN LISTS fuzzers)
    gnomon_fuzz_target(${source} gnomon_${name} ${layer_WRAPS})
  endforeach()
endfunction()
