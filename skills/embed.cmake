# Writes the skills into C: cmake -DSKILLS=this folder -DOUT=skills_data.c -P embed.cmake
#
# A skill is a folder with a SKILL.md. Its frontmatter is read here, once, as lines `key: value`
# (plain, or in double or single quotes): the program has no reader of YAML for it. Bytes are written
# as numbers, since a string literal of more than 4,095 characters is not portable C.
cmake_minimum_required(VERSION 3.25)

string(REPEAT "0x..," 20 line_of_20)

set(TYPE_md text/markdown)
set(TYPE_txt text/plain)
set(TYPE_json application/json)
set(TYPE_sh text/x-shellscript)

# Adds `text` to the list in `out` as the inside of a JSON string, itself inside a C string.
function(escape text out)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}") # JSON
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}") # C
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(unquote text out)
  if(text MATCHES "^\"(.*)\"$")
    set(text "${CMAKE_MATCH_1}")
    string(REPLACE "\\\"" "\"" text "${text}")
    string(REPLACE "\\\\" "\\" text "${text}")
  elseif(text MATCHES "^'(.*)'$")
    string(REPLACE "''" "'" text "${CMAKE_MATCH_1}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# The frontmatter as C text of a JSON object; sets NAME and DOC, too.
function(frontmatter file)
  file(READ ${file} text)
  string(FIND "${text}" "\n---\n" end)
  if(NOT text MATCHES "^---\n" OR end LESS 4)
    message(FATAL_ERROR "${file}: must begin with a frontmatter between two lines of ---")
  endif()
  math(EXPR length "${end} - 3")
  string(SUBSTRING "${text}" 4 ${length} text)
  set(object "")
  while(NOT text STREQUAL "")
    string(FIND "${text}" "\n" end)
    string(SUBSTRING "${text}" 0 ${end} line)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${text}" ${end} -1 text)
    if(NOT line MATCHES "^([a-z][a-z-]*): +(.+)$")
      message(FATAL_ERROR "${file}: the frontmatter is lines of `key: value`, not: ${line}")
    endif()
    set(key "${CMAKE_MATCH_1}")
    unquote("${CMAKE_MATCH_2}" value)
    escape("${value}" json)
    string(APPEND object ",\\\"${key}\\\":\\\"${json}\\\"")
    set(value_${key} "${value}")
  endwhile()
  string(SUBSTRING "${object}" 1 -1 object)
  string(REPLACE "\\" "\\\\" doc "${value_description}")
  string(REPLACE "\"" "\\\"" doc "${doc}")
  set(OBJECT "{${object}}" PARENT_SCOPE)
  set(NAME "${value_name}" PARENT_SCOPE)
  set(DOC "${doc}" PARENT_SCOPE)
endfunction()

set(arrays "")
set(tables "")
set(rows "")
set(number 0)
file(GLOB mains RELATIVE ${SKILLS} ${SKILLS}/*/SKILL.md)
list(SORT mains)
foreach(main IN LISTS mains)
  get_filename_component(folder ${main} DIRECTORY)
  frontmatter(${SKILLS}/${main})
  if(NOT NAME STREQUAL folder OR DOC STREQUAL "")
    message(FATAL_ERROR "${main}: needs `name: ${folder}` and a description")
  endif()
  string(MAKE_C_IDENTIFIER ${folder} ident)
  string(APPEND tables "static const struct skill_file ${ident}[] = {\n")
  file(GLOB_RECURSE files RELATIVE ${SKILLS}/${folder} ${SKILLS}/${folder}/*)
  list(SORT files)
  list(LENGTH files count)
  foreach(file IN LISTS files)
    get_filename_component(extension ${file} LAST_EXT)
    string(REPLACE "." "" extension "${extension}")
    if(NOT DEFINED TYPE_${extension})
      message(FATAL_ERROR "${folder}/${file}: embed.cmake knows no type for this name; skills are text")
    endif()
    file(READ ${SKILLS}/${folder}/${file} hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
    string(REGEX REPLACE "(${line_of_20})" "\\1\n" hex "${hex}")
    file(SHA256 ${SKILLS}/${folder}/${file} digest)
    file(SIZE ${SKILLS}/${folder}/${file} size)
    string(APPEND arrays "static const unsigned char file_${number}[] = {\n${hex}0};\n")
    string(APPEND tables "    {\"${file}\", \"${TYPE_${extension}}\", {(const char *)file_${number}, ${size}},\n"
                         "     \"${digest}\"},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  string(APPEND tables "};\n")
  string(APPEND rows "    {\"${NAME}\", \"${DOC}\",\n     \"${OBJECT}\",\n     ${ident}, ${count}},\n")
endforeach()
if(rows STREQUAL "")
  message(FATAL_ERROR "${SKILLS}: no folder here has a SKILL.md")
endif()

file(WRITE ${OUT} "/* Written by skills/embed.cmake; change the files in skills/ instead. */
#include \"tools/skills.h\"

${arrays}
${tables}
const struct skill skills[] = {
${rows}};
const size_t skills_n = sizeof(skills) / sizeof(skills[0]);
")
