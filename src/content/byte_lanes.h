#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Sixty-four bytes of a text at once: which of them are of a class, a bit each. What every byte of a
// text is asked is asked so; the loops then go from bit to bit.
namespace gnomon::content {

// Of each byte of a block, whether something holds.
class Lanes {
 public:
#if defined(__SSE2__)
  using Lane = __m128i;
  static constexpr std::size_t kLanes = 4;
  struct All {
    Lane lanes[kLanes];
  };
  explicit Lanes(const All& all) : all_(all) {}
  Lanes operator|(const Lanes& other) const {
    return each(other, [](Lane a, Lane b) { return _mm_or_si128(a, b); });
  }
  Lanes operator&(const Lanes& other) const {
    return each(other, [](Lane a, Lane b) { return _mm_and_si128(a, b); });
  }
  // The first byte of the text is the lowest bit.
  [[nodiscard]] std::uint64_t bits() const {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < kLanes; ++i)
      all |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(all_.lanes[i])))
             << (16 * i);
    return all;
  }
#else
  using Lane = std::uint64_t;
  static constexpr std::size_t kLanes = 1;
  struct All {
    Lane lanes[kLanes];
  };
  explicit Lanes(const All& all) : all_(all) {}
  Lanes operator|(const Lanes& other) const {
    return each(other, [](Lane a, Lane b) { return a | b; });
  }
  Lanes operator&(const Lanes& other) const {
    return each(other, [](Lane a, Lane b) { return a & b; });
  }
  [[nodiscard]] std::uint64_t bits() const { return all_.lanes[0]; }
#endif

 private:
  template <class Join>
  [[nodiscard]] Lanes each(const Lanes& other, Join join) const {
    All all;
    for (std::size_t i = 0; i < kLanes; ++i) all.lanes[i] = join(all_.lanes[i], other.all_.lanes[i]);
    return Lanes{all};
  }
  All all_;
};

class ByteBlock {
 public:
  static constexpr std::size_t kBytes = 64;

  // Of `text` from `at` on; behind its end there are zero bytes.
  ByteBlock(std::string_view text, std::size_t at) {
    if (at + kBytes <= text.size()) {
      load(text.data() + at);
      return;
    }
    std::array<char, kBytes> padded{};
    if (at < text.size()) std::memcpy(padded.data(), text.data() + at, text.size() - at);
    load(padded.data());
  }

#if defined(__SSE2__)
  [[nodiscard]] Lanes is(char c) const {
    const __m128i wanted = _mm_set1_epi8(c);
    return each([&](__m128i lane) { return _mm_cmpeq_epi8(lane, wanted); });
  }
  [[nodiscard]] Lanes between(char first, char last) const {
    return each([&](__m128i lane) { return in_range(lane, first, last); });
  }
  // As between(), of small letters and their capitals.
  [[nodiscard]] Lanes letters(char first = 'a', char last = 'z') const {
    const __m128i small = _mm_set1_epi8(0x20);
    return each([&](__m128i lane) { return in_range(_mm_or_si128(lane, small), first, last); });
  }
  // Bytes that are not ASCII.
  [[nodiscard]] Lanes high() const { return Lanes{all_}; }

 private:
  void load(const char* at) {
    for (std::size_t i = 0; i < Lanes::kLanes; ++i)
      all_.lanes[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
  }
  static __m128i in_range(__m128i lane, char first, char last) {
    // Moved so that the range begins at the least of signed bytes: one comparison is enough.
    const __m128i moved = _mm_add_epi8(lane, _mm_set1_epi8(static_cast<char>(-128 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(-128 + (last - first + 1))));
  }
  template <class Ask>
  [[nodiscard]] Lanes each(Ask ask) const {
    Lanes::All all;
    for (std::size_t i = 0; i < Lanes::kLanes; ++i) all.lanes[i] = ask(all_.lanes[i]);
    return Lanes{all};
  }
  Lanes::All all_;
#else
  [[nodiscard]] Lanes is(char c) const {
    return each([&](char byte) { return byte == c; });
  }
  [[nodiscard]] Lanes between(char first, char last) const {
    return each([&](char byte) { return byte >= first && byte <= last; });
  }
  [[nodiscard]] Lanes letters(char first = 'a', char last = 'z') const {
    return each([&](char byte) { return (byte | 0x20) >= first && (byte | 0x20) <= last; });
  }
  [[nodiscard]] Lanes high() const {
    return each([](char byte) { return static_cast<unsigned char>(byte) >= 0x80; });
  }

 private:
  void load(const char* at) { std::memcpy(bytes_.data(), at, kBytes); }
  template <class Ask>
  [[nodiscard]] Lanes each(Ask ask) const {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < kBytes; ++i)
      bits |= static_cast<std::uint64_t>(ask(bytes_[i]) ? 1U : 0U) << i;
    return Lanes{Lanes::All{{bits}}};
  }
  std::array<char, kBytes> bytes_;
#endif
};

}  // namespace gnomon::content
