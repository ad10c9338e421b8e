#include "fanout.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>

namespace gnomon::packet {
namespace {

// Writes classic BPF with names for places. Jumps only go forward.
class Assembler {
 public:
  void statement(std::uint16_t code, std::uint32_t k = 0) { program_.push_back({code, 0, 0, k}); }
  void label(const std::string& name) { places_[name] = program_.size(); }
  void go(const std::string& to) {
    wide_.push_back({program_.size(), to});
    program_.push_back({BPF_JMP | BPF_JA, 0, 0, 0});
  }
  // Jumps to `to` when the test holds, and goes on otherwise.
  void go_if(std::uint16_t test, std::uint32_t k, const std::string& to) {
    // Over a wide jump, as narrow ones reach 255 instructions.
    program_.push_back({static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), 0, 1, k});
    go(to);
  }
  std::vector<sock_filter> finish() {
    for (const auto& [at, to] : wide_) {
      assert(places_.at(to) > at);
      program_[at].k = static_cast<std::uint32_t>(places_.at(to) - at - 1);
    }
    return std::move(program_);
  }

 private:
  struct Jump {
    std::size_t at;
    std::string to;
  };
  std::vector<sock_filter> program_;
  std::map<std::string, std::size_t> places_;
  std::vector<Jump> wide_;
};

constexpr std::uint16_t kLoad8 = BPF_LD | BPF_B | BPF_IND;  // at X + k
constexpr std::uint16_t kLoad16 = BPF_LD | BPF_H | BPF_IND;
constexpr std::uint16_t kLoad32 = BPF_LD | BPF_W | BPF_IND;
constexpr std::uint16_t kAnd = BPF_ALU | BPF_AND | BPF_K;
constexpr std::uint16_t kLeft = BPF_ALU | BPF_LSH | BPF_K;
constexpr std::uint16_t kRight = BPF_ALU | BPF_RSH | BPF_K;
constexpr std::uint16_t kAddX = BPF_ALU | BPF_ADD | BPF_X;
constexpr std::uint16_t kAdd = BPF_ALU | BPF_ADD | BPF_K;
constexpr std::uint16_t kXorX = BPF_ALU | BPF_XOR | BPF_X;
constexpr std::uint16_t kMultiply = BPF_ALU | BPF_MUL | BPF_K;

// Slots of scratch memory.
enum Slot : std::uint32_t { kHash, kAt, kLeftWord, kInner };

// Adds to the hash what both directions have alike of two fields of X + a and X + b.
void fold(Assembler& code, std::uint16_t load, std::uint32_t a, std::uint32_t b) {
  code.statement(load, a);
  code.statement(BPF_ST, kLeftWord);
  code.statement(load, b);
  code.statement(BPF_LDX | BPF_MEM, kLeftWord);
  code.statement(kXorX);
  code.statement(BPF_LDX | BPF_MEM, kHash);
  code.statement(kAddX);
  code.statement(kMultiply, 0x9e3779b1);
  code.statement(BPF_ST, kHash);
  code.statement(BPF_LDX | BPF_MEM, kAt);
}

// X += the number in A.
void step(Assembler& code) {
  code.statement(kAddX);
  code.statement(BPF_ST, kAt);
  code.statement(BPF_MISC | BPF_TAX);
}
void step_by(Assembler& code, std::uint32_t bytes) {
  code.statement(BPF_LD | BPF_IMM, bytes);
  step(code);
}

// One layer of IP at X, with the type of it in A where `typed`; goes to "next<depth>" when it carries
// another. The program is unrolled, as there are no loops in it.
void read_layer(Assembler& code, int depth, bool last) {
  const auto name = [depth](const char* text) { return text + std::to_string(depth); };
  code.label(name("ethertype"));  // in A, what it says at X
  for (int tag = 0; tag < 2; ++tag) {
    const std::string after = name(tag == 0 ? "untagged_a" : "untagged_b");
    const std::string tagged = name(tag == 0 ? "tagged_a" : "tagged_b");
    code.go_if(BPF_JEQ, ETH_P_8021Q, tagged);
    code.go_if(BPF_JEQ, ETH_P_8021AD, tagged);
    code.go(after);
    code.label(tagged);
    code.statement(kLoad16, 2);
    code.statement(BPF_ST, kInner);
    step_by(code, 4);
    code.statement(BPF_LD | BPF_MEM, kInner);
    code.label(after);
  }
  code.go_if(BPF_JEQ, ETH_P_IP, name("ip4_"));
  code.go_if(BPF_JEQ, ETH_P_IPV6, name("ip6_"));
  code.go_if(BPF_JEQ, ETH_P_MPLS_UC, name("mpls"));
  code.go("done");

  code.label(name("mpls"));
  for (int label = 0; label < 4; ++label) {
    const std::string bottom = name("bottom") + std::to_string(label);
    code.statement(kLoad8, 2);
    code.statement(kAnd, 1);
    code.statement(BPF_ST, kInner);
    step_by(code, 4);
    code.statement(BPF_LD | BPF_MEM, kInner);
    code.go_if(BPF_JEQ, 1, name("version"));
  }
  code.go("done");

  code.label(name("version"));
  code.statement(kLoad8, 0);
  code.statement(kRight, 4);
  code.go_if(BPF_JEQ, 4, name("ip4_"));
  code.go_if(BPF_JEQ, 6, name("ip6_"));
  code.go("done");

  code.label(name("ip6_"));
  code.statement(BPF_LD | BPF_IMM, 0);  // only the innermost layer counts
  code.statement(BPF_ST, kHash);
  code.statement(BPF_STX, kAt);
  for (std::uint32_t word = 0; word < 16; word += 4) fold(code, kLoad32, 8 + word, 24 + word);
  if (last) {
    code.go("done");
  } else {
    code.statement(kLoad8, 6);
    code.statement(BPF_ST, kInner);
    step_by(code, 40);
    code.go(name("inside"));
  }

  code.label(name("ip4_"));
  code.statement(BPF_LD | BPF_IMM, 0);
  code.statement(BPF_ST, kHash);
  code.statement(BPF_STX, kAt);
  fold(code, kLoad32, 12, 16);
  if (last) {
    code.go("done");
    return;
  }
  code.statement(kLoad16, 6);
  code.statement(kAnd, 0x3fff);  // more fragments, or not the first
  code.go_if(BPF_JGT, 0, "done");
  code.statement(kLoad8, 9);
  code.statement(BPF_ST, kInner);
  code.statement(kLoad8, 0);
  code.statement(kAnd, 0x0f);
  code.statement(kLeft, 2);
  step(code);

  code.label(name("inside"));
  code.statement(BPF_LD | BPF_MEM, kInner);
  code.go_if(BPF_JEQ, 17, name("udp"));
  code.go_if(BPF_JEQ, 4, name("version_of_next"));
  code.go_if(BPF_JEQ, 41, name("version_of_next"));
  code.go_if(BPF_JEQ, 47, name("gre"));
  code.go("done");

  code.label(name("udp"));
  code.statement(kLoad16, 2);
  code.go_if(BPF_JEQ, 4789, name("vxlan"));
  code.go_if(BPF_JEQ, 8472, name("vxlan"));
  code.go_if(BPF_JEQ, 6081, name("geneve"));
  code.go("done");

  const std::string next = "ethertype" + std::to_string(depth + 1);
  const auto ethernet_at = [&](std::uint32_t offset) {
    code.statement(kLoad16, offset + 12);
    code.statement(BPF_ST, kInner);
    step_by(code, offset + 14);
    code.statement(BPF_LD | BPF_MEM, kInner);
    code.go(next);
  };
  code.label(name("vxlan"));
  ethernet_at(16);

  code.label(name("geneve"));
  code.statement(kLoad8, 8);
  code.statement(kAnd, 0x3f);
  code.statement(kLeft, 2);
  step(code);  // past the options: the rest as with VXLAN
  ethernet_at(16);

  code.label(name("gre"));
  code.statement(kLoad16, 2);
  code.go_if(BPF_JEQ, 0x6558, name("gre_ethernet"));
  code.go_if(BPF_JEQ, 0x88be, name("erspan"));
  code.go_if(BPF_JEQ, 0x22eb, name("erspan3_"));
  code.statement(BPF_ST, kInner);
  code.statement(BPF_LD | BPF_IMM, 0);
  code.statement(BPF_ST, kLeftWord);
  // Four bytes for each of checksum, key and sequence number.
  for (const auto& [bit, shift] :
       {std::pair{0x80U, 5U}, std::pair{0x20U, 3U}, std::pair{0x10U, 2U}}) {
    code.statement(kLoad8, 0);
    code.statement(kAnd, bit);
    code.statement(kRight, shift);
    code.statement(BPF_LDX | BPF_MEM, kLeftWord);
    code.statement(kAddX);
    code.statement(BPF_ST, kLeftWord);
    code.statement(BPF_LDX | BPF_MEM, kAt);
  }
  code.statement(BPF_LD | BPF_MEM, kLeftWord);
  code.statement(kAdd, 4);
  step(code);
  code.statement(BPF_LD | BPF_MEM, kInner);
  code.go(next);

  code.label(name("erspan"));  // with a sequence number and 8 bytes of its own; without: type I
  code.statement(kLoad8, 0);
  code.statement(kAnd, 0x10);
  code.go_if(BPF_JEQ, 0, name("gre_ethernet"));
  ethernet_at(16);
  code.label(name("gre_ethernet"));
  ethernet_at(4);
  code.label(name("erspan3_"));
  code.statement(kLoad8, 19);  // whether the platform's own 8 bytes follow
  code.statement(kAnd, 1);
  code.go_if(BPF_JEQ, 1, name("erspan3_long"));
  ethernet_at(20);
  code.label(name("erspan3_long"));
  ethernet_at(28);

  code.label(name("version_of_next"));
  code.statement(kLoad8, 0);
  code.statement(kRight, 4);
  code.go_if(BPF_JEQ, 4, "ip4_" + std::to_string(depth + 1));
  code.go_if(BPF_JEQ, 6, "ip6_" + std::to_string(depth + 1));
  code.go("done");
}

}  // namespace

std::vector<sock_filter> fanout_program() {
  Assembler code;
  code.statement(BPF_LD | BPF_IMM, 0);
  code.statement(BPF_ST, kHash);
  code.statement(BPF_ST, kAt);
  code.statement(BPF_ST, kLeftWord);
  code.statement(BPF_ST, kInner);
  code.statement(BPF_LDX | BPF_IMM, 0);
  // What the machine itself sends still has its Ethernet header before it.
  code.statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE));
  code.go_if(BPF_JEQ, PACKET_OUTGOING, "outgoing");
  code.go("incoming");
  code.label("outgoing");
  step_by(code, ETH_HLEN);
  code.label("incoming");
  code.statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL));
  read_layer(code, 0, false);
  read_layer(code, 1, false);
  read_layer(code, 2, true);
  code.label("done");
  code.statement(BPF_LD | BPF_MEM, kHash);
  code.statement(kRight, 16);  // the low bits of the product are the poor ones
  code.statement(BPF_RET | BPF_A);
  return code.finish();
}

std::optional<Error> Fanout::join(int socket) {
  const auto refused = [](const char* what) {
    return Error{std::string{what} + ": " + std::strerror(errno)};
  };
  const auto ask = [socket](std::uint32_t group, std::uint32_t mode) {
    const std::uint32_t argument = group | mode << 16;
    return setsockopt(socket, SOL_PACKET, PACKET_FANOUT, &argument, sizeof argument) == 0;
  };
  if (group_) {
    const std::uint32_t mode = by_program_ ? PACKET_FANOUT_CBPF : PACKET_FANOUT_HASH;
    if (!ask(*group_, mode)) return refused("packets cannot be shared out among workers");
    return std::nullopt;
  }
  by_program_ = ask(0, PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_UNIQUEID);
  if (!by_program_ && !ask(0, PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID))
    return refused("packets cannot be shared out among workers (PACKET_FANOUT)");
  std::uint32_t made = 0;
  socklen_t size = sizeof made;
  if (getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &made, &size) != 0)
    return refused("PACKET_FANOUT");
  group_ = made & 0xffff;
  if (!by_program_) return std::nullopt;
  auto program = fanout_program();
  const sock_fprog argument{static_cast<unsigned short>(program.size()), program.data()};
  if (setsockopt(socket, SOL_PACKET, PACKET_FANOUT_DATA, &argument, sizeof argument) != 0)
    return refused("packets cannot be shared out by a program (PACKET_FANOUT_DATA)");
  return std::nullopt;
}

}  // namespace gnomon::packet
