#include "document_structures.h"

#include <algorithm>
#include <array>

#include "design_file.h"
#include "document_lines.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

// Each says what it is sure of: nothing, low or high.
using Verdictual = std::optional<Confidence>;

Verdictual hl7v2(View text) {
  const std::size_t at = text.find("MSH|^~");
  if (at == View::npos) return {};
  return has(text, "PID|") || has(text, "EVN|") ? Confidence::kHigh : Confidence::kLow;
}

Verdictual c_cda(View text) {
  if (!has(text, "<ClinicalDocument") && !has(text, ":ClinicalDocument")) return {};
  return has(text, "urn:hl7-org:v3") ? Confidence::kHigh : Confidence::kLow;
}

Verdictual fhir(View text) {
  std::size_t at = text.find("\"resourceType\"");
  if (at == View::npos) {
    if (has(text, "http://hl7.org/fhir\"") && text.find('<') < 200) return Confidence::kLow;
    return {};
  }
  at = text.find(':', at);
  const std::size_t open = text.find('"', at);
  if (open == View::npos) return {};
  const View type = text.substr(open + 1, text.find('"', open + 1) - open - 1);
  for (const View known : {"Patient",
                           "Observation",
                           "Condition",
                           "Encounter",
                           "MedicationRequest",
                           "Procedure",
                           "DiagnosticReport",
                           "AllergyIntolerance",
                           "Immunization",
                           "CarePlan",
                           "CareTeam",
                           "Claim",
                           "ExplanationOfBenefit",
                           "Coverage",
                           "MedicationStatement",
                           "FamilyMemberHistory",
                           "Goal",
                           "ServiceRequest",
                           "DocumentReference",
                           "Specimen",
                           "RelatedPerson",
                           "MedicationDispense",
                           "QuestionnaireResponse",
                           "Device",
                           "Composition",
                           "Consent",
                           "MedicationAdministration"})
    if (type == known) return Confidence::kHigh;
  if (type == "Bundle" && has(text, "\"Patient\"")) return Confidence::kHigh;
  return Confidence::kLow;
}

Verdictual nacha(View text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == View::npos || (text[begin] != '1' && text[begin] != '5')) return {};
  std::size_t lines = 0;
  std::size_t records = 0;
  bool header = false;
  bool batch = false;
  each_line(text.substr(0, 8192), [&](View line) {
    if (trimmed(line).empty()) return true;
    ++lines;
    if (lines == 1)
      header = line.size() >= 80 && line.starts_with("101") &&
               line.find_first_not_of(" 0123456789", 3) > 13;
    if (lines == 2) batch = line.starts_with("5") || line.starts_with("9");
    records += line.size() >= 50 && line.size() <= 94 && line[0] >= '1' && line[0] <= '9' ? 1 : 0;
    return lines < 60;
  });
  if (header && lines == 1 && text.size() > 180) {  // without line breaks
    return text[94] == '5' ? Verdictual{Confidence::kHigh} : Verdictual{};
  }
  // A batch without its file header: still records of 94 that nothing else looks like.
  if (!header && lines >= 2 && records == lines && text.starts_with("5") && text.size() >= 95 &&
      text[94] < ' ')
    return Confidence::kLow;
  if (!header || records * 10 < lines * 7) return {};
  return batch ? Confidence::kHigh : Confidence::kLow;
}

Verdictual swift_mt(View text) {
  const std::size_t at = text.find("{1:F");
  if (at == View::npos) return {};
  return has(text.substr(at), "{2:") || has(text.substr(at), "{4:") ? Confidence::kHigh
                                                                    : Confidence::kLow;
}

Verdictual iso20022(View text) {
  const std::size_t at = text.find("urn:iso:std:iso:20022:tech:xsd:");
  if (at == View::npos || at > 4096 || has(text.substr(0, 4096), "<xs:schema")) return {};
  return has(text, "<IBAN>") || has(text, "InstdAmt") || has(text, "<Amt") ? Confidence::kHigh
                                                                           : Confidence::kLow;
}

Verdictual notebook(View text) {
  // Of JSON that is read value by value names of lists are not there.
  const bool cells = has(text, "\"cells\"") || has(text, "\"cell_type\"");
  return cells && has(text, "\"nbformat\"") ? Verdictual{Confidence::kLow} : Verdictual{};
}

Verdictual diff(View text) {
  std::size_t hunks = 0;
  bool files = false;
  each_line(text, [&](View line) {
    if (line.starts_with("@@ -") && has(line.substr(4), "@@")) ++hunks;
    files = files || line.starts_with("diff --git ") || line.starts_with("+++ ") ||
            line.starts_with("Index: ");
    return hunks < 2 || !files;
  });
  return hunks > 0 && files ? Verdictual{Confidence::kLow} : Verdictual{};
}

Verdictual sql_dump(View text) {
  if (!has(text, "CREATE TABLE")) return {};
  return count_of(text, "INSERT INTO", 5) >= 5 ||
                 (has(text, "INSERT INTO") && count_of(text, "),(", 5) >= 5) ||
                 has(text, "PostgreSQL database dump") || has(text, "MySQL dump")
             ? Verdictual{Confidence::kLow}
             : Verdictual{};
}

Verdictual stack_trace(View text) {
  if (has(text, "Traceback (most recent call last)") || count_of(text, "\n\tat ", 3) >= 3 ||
      count_of(text, "\n    at ", 3) >= 3 || has(text, "goroutine 1 [running]"))
    return Confidence::kLow;
  return {};
}

// Rows that name people in columns: CSV, TSV and the like with a header that says so.
Verdictual pii_table(View text) {
  View header;
  std::size_t rows = 0;
  char separator = ',';
  std::size_t columns = 0;
  std::size_t even = 0;
  each_line(text, [&](View line) {
    if (header.empty()) {
      header = line;
      for (const char c : {',', '\t', ';', '|'})
        if (std::count(line.begin(), line.end(), c) > static_cast<long>(columns)) {
          columns = static_cast<std::size_t>(std::count(line.begin(), line.end(), c));
          separator = c;
        }
      return columns >= 1 && columns <= 200;
    }
    ++rows;
    even += static_cast<std::size_t>(std::count(line.begin(), line.end(), separator)) >= columns
                ? 1
                : 0;
    return rows < 200;
  });
  if (rows < 10 || even * 10 < rows * 8 || header.size() > 4000) return {};
  std::size_t kinds = 0;
  for (const auto& names :
       {std::array<View, 5>{"last_name", "lastname", "surname", "nachname", "name"},
        {"email", "e-mail", "email_address", "mail", "email address"},
        {"phone", "phone_number", "mobile", "telephone", "telefon"},
        {"ssn", "social_security", "passport", "national_id", "tax_id"},
        {"dob", "date_of_birth", "birth_date", "birthdate", "geburtsdatum"},
        {"address", "street", "address_line1", "postal_code", "zip"},
        {"iban", "account_number", "card_number", "credit_card", "salary"},
        {"customer_id", "patient_id", "employee_id", "mrn", "member_id"}})
    kinds += std::any_of(names.begin(), names.end(),
                         [&](View name) { return find_word(header, name) != View::npos; })
                 ? 1
                 : 0;
  if (kinds < 2) return {};
  return kinds >= 4 ? Confidence::kHigh : Confidence::kLow;
}

// Account statements as people hold them: MT940 without its frame, OFX, QIF, BAI2.
Verdictual account_statement(View text) {
  std::size_t tags = 0;
  bool entries = false;
  bool qif = false;
  bool qif_end = false;
  bool bai_header = false;
  bool bai_entry = false;
  std::size_t lines = 0;
  std::size_t bits = 0;
  each_line(text, [&](View line) {
    if (line.starts_with(':')) {
      std::size_t number = 0;
      for (const View tag : {":20:", ":25:", ":28", ":60F:", ":60M:", ":62F:"}) {
        if (line.starts_with(tag)) bits |= std::size_t{1} << number;
        ++number;
      }
      entries = entries || line.starts_with(":61:");
    } else if (line.starts_with("!Type:")) {
      for (const View type : {"!Type:Bank", "!Type:CCard", "!Type:Cash", "!Type:Invst"})
        qif = qif || line.starts_with(type);
    }
    qif_end = qif_end || line == "^";
    if (lines == 0) bai_header = line.starts_with("01,") && line.ends_with('/');
    if (lines == 1) bai_header = bai_header && line.starts_with("02,");
    bai_entry = bai_entry || line.starts_with("16,");
    return ++lines < 400;
  });
  for (; bits != 0; bits &= bits - 1) ++tags;
  if (tags >= 4 || (tags >= 2 && entries)) return Confidence::kHigh;
  if ((qif && qif_end) || (bai_header && bai_entry)) return Confidence::kHigh;
  if (has(text.substr(0, 4096), "<OFX>") && (has(text, "<STMTTRN>") || has(text, "ACCTFROM>")))
    return Confidence::kHigh;
  return {};
}

// The messages of UN/EDIFACT about payment and accounts.
Verdictual edifact(View text) {
  const std::size_t at = text.find("UNB+UNO");
  if (at == View::npos || at > 200) return {};
  const std::size_t message = text.find("UNH+", at);
  if (message == View::npos) return {};
  const View head = text.substr(message, 80);
  for (const View type : {"INVOIC:", "PAYMUL:", "PAYORD:", "PAYEXT:", "REMADV:", "CREADV:",
                          "DEBADV:", "FINSTA:", "BANSTA:", "DIRDEB:"})
    if (has(head, type)) return Confidence::kHigh;
  return {};
}

// Invoices and books in XML, by the names of their schemas: UBL, UN/CEFACT (Factur-X, ZUGFeRD),
// FatturaPA, Facturae, CFDI, NF-e, SAF-T.
Verdictual invoice_xml(View text) {
  const View head = text.substr(0, 4096);
  if (head.find('<') > 200 || has(head, ":schema ")) return {};
  for (const View schema :
       {"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
        "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
        "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
        "urn:ferd:CrossIndustryDocument:invoice:",
        "ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture", "http://www.facturae.es/Facturae/",
        "http://www.sat.gob.mx/cfd/", "http://www.portalfiscal.inf.br/nfe",
        "urn:OECD:StandardAuditFile", "urn:StandardAuditFile-Taxation"})
    if (has(head, schema)) return Confidence::kHigh;
  return {};
}

// German doctors' files (KBV xDT: BDT, LDT, GDT): each line tells its own length, with its two
// bytes of end, in three digits, then a field in four; 3101 to 3103 are a patient's names and birth
// date.
Verdictual xdt(View text) {
  std::size_t lines = 0;
  std::size_t fitting = 0;
  bool patient = false;
  each_line(text, [&](View line) {
    if (line.empty()) return true;
    ++lines;
    if (line.size() < 7 || !std::all_of(line.begin(), line.begin() + 7, is_digit))
      return lines < 60;
    const auto told =
        static_cast<std::size_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    // Letters outside ASCII take more bytes here than in the file's own encoding.
    const auto wide = static_cast<std::size_t>(
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) == 0x80; }));
    if (told != line.size() - wide + 2) return lines < 60;
    ++fitting;
    const View field = line.substr(3, 4);
    patient = patient || field == "3101" || field == "3102" || field == "3103";
    return lines < 60;
  });
  if (fitting < 4 || fitting * 10 < lines * 7) return {};
  return patient ? Confidence::kHigh : Confidence::kLow;
}

constexpr DocumentStructure kStructures[] = {
    {"hl7v2", '^', hl7v2},       {"c-cda", '<', c_cda},
    {"fhir", '"', fhir},         {"xdt", 0, xdt},
    {"nacha", 0, nacha},         {"swift-mt", '{', swift_mt},
    {"iso20022", '<', iso20022}, {"account-statement", 0, account_statement},
    {"edifact", '+', edifact},   {"invoice-xml", '<', invoice_xml},
    {"notebook", '"', notebook}, {"diff", '@', diff},
    {"sql-dump", '(', sql_dump}, {"stack-trace", 0, stack_trace},
    {"pii-table", 0, pii_table}, {"design-file", 0, design_file},
};

}  // namespace

std::span<const DocumentStructure> document_structures() { return kStructures; }

std::optional<std::string> x12_reader(View text) {
  const std::size_t at = text.find("ISA");
  if (at == View::npos || at > 200 || text.size() < at + 106) return {};
  const char separator = text[at + 3];
  if (is_alnum(separator) || separator == ' ') return {};
  if (std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                 text.begin() + static_cast<std::ptrdiff_t>(at + 106), separator) < 16)
    return {};
  const std::string wanted = std::string{"ST"} + separator;
  for (std::size_t from = at; (from = text.find(wanted, from)) != View::npos; ++from) {
    if (from > 0 && is_alnum(text[from - 1])) continue;
    const View code = text.substr(from + 3, 3);
    for (const View known : {"837", "835", "834", "270", "271", "276", "277", "278"})
      if (code == known) return std::string{"x12-"} + std::string{code};
  }
  return {};
}

}  // namespace gnomon::content
