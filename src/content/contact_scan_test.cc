#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

bool is_sure_phone(const Match& match) {
  return match.detector->id == "phone" && match.confidence == Confidence::kHigh;
}

TEST_CASE("a telephone is sure with its code or its word", "[content][contact]") {
  const char* const text =
      GENERATE("Bitte unter +1 415 867 5309 anrufen", "oder +7 912 345-67-89 anrufen",
               "+1-415-867-5309", "Faks +1 4158675309 abends", "тел. +79123456789",
               "联系电话：+86 13812345678", "call me at +44 20 7946 0958", "phone: (212) 555-0187",
               "{\"contactPhone\": \"212-555-0187\"}", "{\"phoneNumber\": \"212-555-0187\"}",
               "phone_home = 212-555-0187", "Telefon\n030-9018-23344",
               "You reach us by phone\n212-555-0187", "<td>Phone</td>\n<td>212-555-0187</td>");
  CAPTURE(text);
  CHECK(found_ids(text, is_sure_phone) == "phone");
}

TEST_CASE("numbers of logs, programs and papers are no telephones", "[content][contact]") {
  const char* const text = GENERATE(
      "\"Mozilla/5.0 (Linux; Android 10) Chrome/126.0.0.0 Mobile Safari/537.36\"\n"
      "198.158.181.224 - - [17/May/2026:10:04:56 +0000] \"GET / HTTP/1.1\"",
      "\"Mozilla/5.0 (Linux) Mobile Safari/537.36\"\n212-555-0187 of 5", "phone 142.138.159.108",
      "mobile gateway 10.20.230.140 is down", "12:01 2626-23469-117 W PhoneInterfaceManager: x",
      "IEEE 1003.1-2017 for the fax and phone codes", "C++14 20.8.2.2.10 phone",
      "+1-202-555-0163 is of an example", "cell_index+100000000", "max cell rate: 353207.547");
  CAPTURE(text);
  CHECK(found_ids(text, is_sure_phone).empty());
}

}  // namespace
}  // namespace gnomon::content
