# Writes OUTPUT, a C++ source that holds the bytes of INPUT under NAME. Run by gnomon_embed().
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
string(REGEX REPLACE "('[^']+','[^']+','[^']+','[^']+','[^']+','[^']+','[^']+','[^']+',)" "\\1\n"
       bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include <string_view>

namespace gnomon::embedded {
extern const std::string_view ${NAME};
namespace {
constexpr char kBytes[] = {
${bytes}
};
}  // namespace
const std::string_view ${NAME}{kBytes, sizeof kBytes};
}  // namespace gnomon::embedded
")
