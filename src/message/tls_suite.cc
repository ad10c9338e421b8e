#include "tls_suite.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace gnomon::message {
namespace {

// IANA "TLS Cipher Suites", by what protects the records: how keys were exchanged is of no matter
// to one who is given them.
constexpr std::uint16_t kTripleDesWithSha1[] = {0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0x001b,
                                                0x008b, 0x008f, 0x0093, 0xc003, 0xc008, 0xc00d,
                                                0xc012, 0xc017, 0xc01a, 0xc01b, 0xc01c, 0xc034};
constexpr std::uint16_t kAes128CbcWithSha1[] = {0x002f, 0x0030, 0x0031, 0x0032, 0x0033, 0x0034,
                                                0x008c, 0x0090, 0x0094, 0xc004, 0xc009, 0xc00e,
                                                0xc013, 0xc018, 0xc01d, 0xc01e, 0xc01f, 0xc035};
constexpr std::uint16_t kAes128CbcWithSha256[] = {0x003c, 0x003e, 0x003f, 0x0040, 0x0067,
                                                  0x006c, 0x00ae, 0x00b2, 0x00b6, 0xc023,
                                                  0xc025, 0xc027, 0xc029, 0xc037};
constexpr std::uint16_t kAes256CbcWithSha1[] = {0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0x003a,
                                                0x008d, 0x0091, 0x0095, 0xc005, 0xc00a, 0xc00f,
                                                0xc014, 0xc019, 0xc020, 0xc021, 0xc022, 0xc036};
constexpr std::uint16_t kAes256CbcWithSha256[] = {0x003d, 0x0068, 0x0069, 0x006a, 0x006b, 0x006d};
constexpr std::uint16_t kAes256CbcWithSha384[] = {0x00af, 0x00b3, 0x00b7, 0xc024,
                                                  0xc026, 0xc028, 0xc02a, 0xc038};
constexpr std::uint16_t kAes128Ccm[] = {0xc09c, 0xc09e, 0xc0a4, 0xc0a6, 0xc0ac, 0xd005};
constexpr std::uint16_t kAes256Ccm[] = {0xc09d, 0xc09f, 0xc0a5, 0xc0a7, 0xc0ad};
constexpr std::uint16_t kAes128Ccm8[] = {0xc0a0, 0xc0a2, 0xc0a8, 0xc0aa, 0xc0ae, 0xd003};
constexpr std::uint16_t kAes256Ccm8[] = {0xc0a1, 0xc0a3, 0xc0a9, 0xc0ab, 0xc0af};
constexpr std::uint16_t kAes128Gcm[] = {0x009c, 0x009e, 0x00a0, 0x00a2, 0x00a4, 0x00a6, 0x00a8,
                                        0x00aa, 0x00ac, 0xc02b, 0xc02d, 0xc02f, 0xc031, 0xd001};
constexpr std::uint16_t kAes256Gcm[] = {0x009d, 0x009f, 0x00a1, 0x00a3, 0x00a5, 0x00a7, 0x00a9,
                                        0x00ab, 0x00ad, 0xc02c, 0xc02e, 0xc030, 0xc032, 0xd002};
constexpr std::uint16_t kAria128Gcm[] = {0xc050, 0xc052, 0xc056, 0xc05c,
                                         0xc060, 0xc06a, 0xc06c, 0xc06e};
constexpr std::uint16_t kAria256Gcm[] = {0xc051, 0xc053, 0xc057, 0xc05d,
                                         0xc061, 0xc06b, 0xc06d, 0xc06f};
constexpr std::uint16_t kChaCha20Poly1305[] = {0xcca8, 0xcca9, 0xccaa, 0xccab,
                                               0xccac, 0xccad, 0xccae};
constexpr std::uint16_t kCamellia128CbcWithSha1[] = {0x0041, 0x0042, 0x0043,
                                                     0x0044, 0x0045, 0x0046};
constexpr std::uint16_t kCamellia128CbcWithSha256[] = {0x00ba, 0x00bb, 0x00bc, 0x00bd, 0x00be,
                                                       0x00bf, 0xc072, 0xc074, 0xc076, 0xc078,
                                                       0xc094, 0xc096, 0xc098, 0xc09a};
constexpr std::uint16_t kCamellia256CbcWithSha1[] = {0x0084, 0x0085, 0x0086,
                                                     0x0087, 0x0088, 0x0089};
constexpr std::uint16_t kCamellia256CbcWithSha256[] = {0x00c0, 0x00c1, 0x00c2,
                                                       0x00c3, 0x00c4, 0x00c5};
constexpr std::uint16_t kCamellia256CbcWithSha384[] = {0xc073, 0xc075, 0xc077, 0xc079,
                                                       0xc095, 0xc097, 0xc099, 0xc09b};
constexpr std::uint16_t kNullWithMd5[] = {0x0001};
constexpr std::uint16_t kNullWithSha1[] = {0x0002, 0x002c, 0x002d, 0x002e, 0xc001,
                                           0xc006, 0xc00b, 0xc010, 0xc015, 0xc039};
constexpr std::uint16_t kNullWithSha256[] = {0x003b, 0x00b0, 0x00b4, 0x00b8, 0xc03a};
constexpr std::uint16_t kNullWithSha384[] = {0x00b1, 0x00b5, 0x00b9, 0xc03b};
constexpr std::uint16_t kRc4WithMd5[] = {0x0004, 0x0018};
constexpr std::uint16_t kRc4WithSha1[] = {0x0005, 0x008a, 0x008e, 0x0092, 0xc002,
                                          0xc007, 0xc00c, 0xc011, 0xc016, 0xc033};

struct Group {
  std::span<const std::uint16_t> ids;
  CipherKind cipher;
  HashKind mac;
  HashKind hash;
};

constexpr Group kGroups[] = {
    {kTripleDesWithSha1, CipherKind::kTripleDes, HashKind::kSha1, HashKind::kSha256},
    {kAes128CbcWithSha1, CipherKind::kAes128Cbc, HashKind::kSha1, HashKind::kSha256},
    {kAes128CbcWithSha256, CipherKind::kAes128Cbc, HashKind::kSha256, HashKind::kSha256},
    {kAes256CbcWithSha1, CipherKind::kAes256Cbc, HashKind::kSha1, HashKind::kSha256},
    {kAes256CbcWithSha256, CipherKind::kAes256Cbc, HashKind::kSha256, HashKind::kSha256},
    {kAes256CbcWithSha384, CipherKind::kAes256Cbc, HashKind::kSha384, HashKind::kSha384},
    {kAes128Ccm, CipherKind::kAes128Ccm, HashKind::kNone, HashKind::kSha256},
    {kAes256Ccm, CipherKind::kAes256Ccm, HashKind::kNone, HashKind::kSha256},
    {kAes128Ccm8, CipherKind::kAes128Ccm8, HashKind::kNone, HashKind::kSha256},
    {kAes256Ccm8, CipherKind::kAes256Ccm8, HashKind::kNone, HashKind::kSha256},
    {kAes128Gcm, CipherKind::kAes128Gcm, HashKind::kNone, HashKind::kSha256},
    {kAes256Gcm, CipherKind::kAes256Gcm, HashKind::kNone, HashKind::kSha384},
    {kAria128Gcm, CipherKind::kAria128Gcm, HashKind::kNone, HashKind::kSha256},
    {kAria256Gcm, CipherKind::kAria256Gcm, HashKind::kNone, HashKind::kSha384},
    {kChaCha20Poly1305, CipherKind::kChaCha20Poly1305, HashKind::kNone, HashKind::kSha256},
    {kCamellia128CbcWithSha1, CipherKind::kCamellia128Cbc, HashKind::kSha1, HashKind::kSha256},
    {kCamellia128CbcWithSha256, CipherKind::kCamellia128Cbc, HashKind::kSha256, HashKind::kSha256},
    {kCamellia256CbcWithSha1, CipherKind::kCamellia256Cbc, HashKind::kSha1, HashKind::kSha256},
    {kCamellia256CbcWithSha256, CipherKind::kCamellia256Cbc, HashKind::kSha256, HashKind::kSha256},
    {kCamellia256CbcWithSha384, CipherKind::kCamellia256Cbc, HashKind::kSha384, HashKind::kSha384},
    {kNullWithMd5, CipherKind::kNull, HashKind::kMd5, HashKind::kSha256},
    {kNullWithSha1, CipherKind::kNull, HashKind::kSha1, HashKind::kSha256},
    {kNullWithSha256, CipherKind::kNull, HashKind::kSha256, HashKind::kSha256},
    {kNullWithSha384, CipherKind::kNull, HashKind::kSha384, HashKind::kSha384},
    {kRc4WithMd5, CipherKind::kRc4, HashKind::kMd5, HashKind::kSha256},
    {kRc4WithSha1, CipherKind::kRc4, HashKind::kSha1, HashKind::kSha256},
};

// RFC 8446 §B.4
constexpr TlsSuite kTls13Suites[] = {
    {0x1301, CipherKind::kAes128Gcm, HashKind::kNone, HashKind::kSha256},
    {0x1302, CipherKind::kAes256Gcm, HashKind::kNone, HashKind::kSha384},
    {0x1303, CipherKind::kChaCha20Poly1305, HashKind::kNone, HashKind::kSha256},
    {0x1304, CipherKind::kAes128Ccm, HashKind::kNone, HashKind::kSha256},
    {0x1305, CipherKind::kAes128Ccm8, HashKind::kNone, HashKind::kSha256},
};

}  // namespace

std::optional<TlsSuite> tls_suite(std::uint16_t id) {
  for (const TlsSuite& each : kTls13Suites)
    if (each.id == id) return each;
  for (const Group& group : kGroups) {
    if (std::find(group.ids.begin(), group.ids.end(), id) != group.ids.end())
      return TlsSuite{id, group.cipher, group.mac, group.hash};
  }
  return std::nullopt;
}

}  // namespace gnomon::message
