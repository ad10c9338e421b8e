# gnomon_embed(TARGET NAME FILE)
#
# Makes the bytes of FILE part of TARGET, as gnomon::embedded::NAME, a std::string_view:
#   namespace gnomon::embedded { extern const std::string_view NAME; }
function(gnomon_embed target name file)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.cc)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D NAME=${name} -D INPUT=${file} -D OUTPUT=${source}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake
    DEPENDS ${file} ${CMAKE_SOURCE_DIR}/cmake/embed_file.cmake
    COMMENT "Embedding ${file}"
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
