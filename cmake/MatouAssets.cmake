# Turns files into C++ arrays, so that programs run from anywhere with nothing beside them.

# matou_embed(<target> <symbol> <file>…): adds to the target a source with
#   namespace matou::assets { extern const std::span<const EmbeddedFile> <symbol>; }
function(matou_embed target symbol)
  set(_out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  string(REPLACE ";" "\n" _list "${ARGN}")
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.list CONTENT "${_list}\n")
  add_custom_command(OUTPUT ${_out}
    COMMAND python3 ${CMAKE_SOURCE_DIR}/cmake/embed.py ${symbol} ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.list ${_out}
    DEPENDS ${CMAKE_SOURCE_DIR}/cmake/embed.py ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.list ${ARGN} VERBATIM)
  target_sources(${target} PRIVATE ${_out})
endfunction()
