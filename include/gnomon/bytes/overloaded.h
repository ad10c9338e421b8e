#pragma once

namespace gnomon {

// Functions as one, for std::visit: each type of the variant finds its own.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;  // clang before 17 wants it said

}  // namespace gnomon
