#include "validator.h"

#include <catch2/catch.hpp>
#include <string>

namespace gnomon::content {
namespace {

struct Case {
  std::string_view check;
  std::string_view value;
  Verdict verdict;
  std::string_view word = {};
  double number = 0;
};

Verdict run(const Case& row) {
  const Validator* validator = find_validator(row.check);
  REQUIRE(validator != nullptr);
  ValidatorInput in;
  in.value = row.value;
  in.text = row.value;
  in.end = row.value.size();
  in.word = row.word;
  in.number = row.number;
  return validator->check(in);
}

constexpr Verdict kYes = Verdict::kProven;
constexpr Verdict kFits = Verdict::kFits;
constexpr Verdict kNo = Verdict::kNo;

TEST_CASE("an IBAN is sure as people write it, not as words and pairs in a row",
          "[content][validator]") {
  const auto [text, verdict] = GENERATE(table<std::string, Verdict>({
      {"GB82 WEST 1234 5698 7654 32", kYes},
      {"gb82west12345698765432", kYes},
      {"GB 82 WEST 123456 98765432", kYes},
      {"GB82 west 1234 5698 7654 32", Verdict::kDoubtful},
      {"GB 82 WE ST 12 34 56 98 76 54 32", Verdict::kDoubtful},
      {"de 45 grados desde la parte", kNo},  // digits alone behind DE
      {"HN88CABF00000000000250005469", kYes},
      {"HN75CA1F00000000000250005469", kNo},
  }));
  CAPTURE(text);
  std::string value;
  for (const char c : text)
    if (c != ' ') value += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  ValidatorInput in;
  in.value = value;
  in.text = text;
  in.end = text.size();
  CHECK(find_validator("iban")->check(in) == verdict);
}

TEST_CASE("checks tell right numbers from wrong ones", "[content][validator]") {
  const auto& row = GENERATE(values<Case>({
      {"luhn", "79927398713", kYes},
      {"luhn", "79927398710", kNo},
      {"luhn", "00000000", kNo},
      {"iban", "GB82WEST12345698765432", kYes},
      {"iban", "GB82WEST12345698765433", kNo},
      {"iban", "GB82WEST1234569876543", kNo},
      {"ie-pps", "4175870U", kYes},
      {"ie-pps", "4175870V", kNo},
      {"ie-pps", "1234567FA", kYes},
      {"ie-pps", "1234567TW", kYes},
      {"ie-pps", "1234567AZ", kNo},    // no such second letter
      {"ie-pps", "1000004KB", kFits},  // a size as well
      {"iban-of", "61109010140000071219812874", kYes, "PL"},
      {"iban-of", "61109010140000071219812875", kNo, "PL"},
      {"iban-of", "61109010140000071219812874", kNo, "HU"},
      {"iban-of", "6110901014000007121981287", kNo, "PL"},
      {"iban-of", "61109010140000071219812874", kNo},
      {"iban", "ZZ82WEST12345698765432", kNo},
      {"card", "4539578763621486", kYes},
      {"card", "4539578763621487", kNo},
      {"card", "4111111111111111", Verdict::kDoubtful},
      {"card", "9539578763621483", kNo},
      {"aba", "121042882", kYes},
      {"aba", "121042883", kNo},
      {"aba", "991042882", kNo},
      {"bic", "DEUTDEFF", kFits},
      {"bic", "DEUTQQFF", kNo},
      {"isin", "US0378331005", kYes},
      {"isin", "US0378331006", kNo},
      {"cusip", "037833100", kYes},
      {"cusip", "037833101", kNo},
      {"sedol", "0263494", kYes},
      {"sedol", "0263495", kNo},
      {"mod97", "5493001KJTIIGC8Y1R12", kYes},
      {"mod97", "5493001KJTIIGC8Y1R13", kNo},
      {"npi", "1234567893", kYes},
      {"npi", "1234567894", kNo},
      {"vin", "1M8GDM9AXKP042788", kYes},
      {"vin", "1M8GDM9A1KP042788", kNo},
      {"vin", "WVWZZZ1KZ9W482213", kFits},  // makers outside North America and China
      {"vin", "VF1BB05CF27418832", kFits},
      {"vin", "LVWZZZ1KZ9W482213", kNo},
      {"vin", "WVWZZZ1KZ9W4822I3", kNo},
      {"vin", "WVWZZZ1KZ9W48221A", kNo},
      {"vin", "90412345678901234", kNo},
      {"us-ssn", "412551234", kFits},
      {"vin", "1M8GDM9AXKPO42788", kNo},
      {"verhoeff", "2363", kYes},
      {"verhoeff", "2364", kNo},
      {"mod-11-2", "07940", kYes},
      {"mod-11-2", "07941", kNo},
      {"weights", "9434765919", kYes, "10,9,8,7,6,5,4,3,2 mod 11 minus"},
      {"weights", "9434765918", kNo, "10,9,8,7,6,5,4,3,2 mod 11 minus"},
      {"weights", "1961227011171", kYes, "2,7,9,1,4,6,3,5,8,2,7,9 mod 11 rest ten1"},
      {"weights", "1961227011170", kNo, "2,7,9,1,4,6,3,5,8,2,7,9 mod 11 rest ten1"},
      {"weights", "20490296591", kYes, "5,4,3,2,7,6,5,4,3,2 mod 11 minus ten0 nil1"},
      {"weights", "20490296590", kNo, "5,4,3,2,7,6,5,4,3,2 mod 11 minus ten0 nil1"},
      {"weights", "106107311", kYes, "7,9,8,6,5,4,3,2 mod 11 minus ten1 nil2"},
      {"weights", "943", kNo, "10,9,8,7,6,5,4,3,2 mod 11 minus"},
      {"weights", "9434765919", kNo, "no rule"},
      {"date", "990230", kNo, "YYMMDD@0 d+40 d"},
      {"date", "991231", kFits, "YYMMDD@0"},
      {"date", "991331", kNo, "YYMMDD@0"},
      {"date", "995231", kFits, "YYMMDD@0 m+40"},
      {"range", "205", kFits, "20-25@0"},
      {"range", "265", kNo, "20-25@0"},
      {"one-of", "B12", kFits, "ABC@0"},
      {"one-of", "D12", kNo, "ABC@0"},
      {"us-ssn", "536904399", kFits},
      {"us-ssn", "666904399", kNo},
      {"us-ssn", "078051120", kNo},
      {"es-nif", "12345678Z", kYes},
      {"es-nif", "12345678A", kNo},
      {"es-nif", "X1234567L", kYes},
      {"it-cf", "RSSMRA85T10A562S", kYes},
      {"it-cf", "RSSMRA85T10A562T", kNo},
      {"fr-nir", "255081416802538", kYes},
      {"fr-nir", "255081416802539", kNo},
      {"fi-hetu", "131052-308T", kYes},
      {"fi-hetu", "131052-308U", kNo},
      {"fi-hetu", "321052-308T", kNo},
      {"de-idnr", "86095742719", kYes},
      {"de-idnr", "86095742718", kNo},
      {"br-cpf", "52998224725", kYes},
      {"br-cpf", "52998224726", kNo},
      {"br-cpf", "11111111111", kNo},
      {"cl-rut", "125319092", kYes},
      {"cl-rut", "125319093", kNo},
      {"cn-resident", "11010519491231002X", kYes},
      {"cn-resident", "110105194912310021", kNo},
      {"ch-ahv", "7569217076985", kYes},
      {"ch-ahv", "7569217076986", kNo},
      {"tr-tckn", "10000000146", kYes},
      {"tr-tckn", "10000000147", kNo},
      {"sg-nric", "S1234567D", kYes},
      {"sg-nric", "S1234567E", kNo},
      {"au-abn", "51824753556", kYes},
      {"au-abn", "51824753557", kNo},
      {"no-fnr", "01010750160", kYes},
      {"no-fnr", "01010750161", kNo},
      {"baltic", "38001085718", kYes},
      {"baltic", "38001085719", kNo},
      {"be-rrn", "85073003328", kYes},
      {"be-rrn", "85073003329", kNo},
      {"ru-inn", "7707083893", kYes},
      {"ru-inn", "7707083894", kNo},
      {"base58", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", kYes},
      {"base58", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", kNo},
      {"bech32", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", kYes},
      {"bech32", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", Verdict::kDoubtful},
      {"entropy", "aaaaaaaaaaaa", kNo, {}, 3.0},
      {"entropy", "q8Zr2LxTw0Vb", kFits, {}, 3.0},
      {"jwt", "eyJhbGciOiJIUzI1NiJ9.e30.x", kYes},
      {"jwt", "eyJub3RoaW5nIjoxfQ.e30.x", Verdict::kDoubtful},
      {"jwt", "bm8ganNvbg.e30.x", kNo},
      {"basic-auth", "dXNlcjpLeDl2UXBMbTJS", kYes},
      {"basic-auth", "dXNlcg", kNo},
      {"base64-bytes", "AAECAwQFBgcICQoLDA0ODw", kYes, {}, 16},
      {"base64-bytes", "AAECAwQFBgcICQoLDA0ODw", kNo, {}, 32},
      {"url-password", "https://u:Kx9vQpLm2@db.corp.net/", kYes},
      {"url-password", "https://u:${PASS}@db.corp.net/", Verdict::kDoubtful},
      {"url-password", "https://db.corp.net/", kNo},
  }));
  INFO(row.check << " of " << row.value);
  CHECK(run(row) == row.verdict);
}

TEST_CASE("no check reads beyond a value that is cut", "[content][validator]") {
  const std::string value = "AB12CD34EF56GH78IJ90KL12MN34OP56";
  for (const auto& table : {secret_validators(), number_validators(), rule_validators(),
                            european_validators(), overseas_validators()})
    for (const Validator& validator : table)
      for (std::size_t cut = 1; cut <= value.size(); ++cut) {
        const std::string part = value.substr(0, cut);  // its own allocation: sanitizers watch it
        ValidatorInput in;
        in.value = part;
        in.text = part;
        in.end = cut;
        in.word = "YYMMDD@0";
        validator.check(in);
        in.word = "3,7,1,3,7,1,3,7,1 mod 10 minus";
        validator.check(in);
      }
}

TEST_CASE("placeholders are told from values", "[content][validator]") {
  for (const std::string_view value :
       {"", "xxxxxxxx", "YOUR_TOKEN", "${TOKEN}", "<token>", "changeme", "password", "abcdefgh",
        "aaaaaaaaaaaa", "napi_k0000000000q7Lm2", "xoxd-Kq9ssssssssss-Lm28", "dbPassword,",
        "some-user_token", "my.secret.key", "MyApiKey", "newpass"}) {
    CAPTURE(value);
    CHECK(looks_like_placeholder(value));
  }
  for (const std::string_view value : {"Kx9vQpLm2Rt", "q8Zr2LxTw0Vb", "9f8e7d6c5b4a3f2e1d0c",
                                       "napi_k000000000q7Lm2", "b3BlbnNzaC1rZXktdjEAAAAAAAAAAAAQm",
                                       "dbPassword1", "MonkeyPass", "password!", "appserver"}) {
    CAPTURE(value);
    CHECK_FALSE(looks_like_placeholder(value));
  }
}

}  // namespace
}  // namespace gnomon::content
