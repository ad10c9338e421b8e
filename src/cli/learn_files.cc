#include "learn_files.h"

#include <sys/random.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "file_text.h"
#include "gnomon/content/document_process.h"
#include "gnomon/content/registered.h"
#include "gnomon/content/utf8.h"
#include "signature_folder.h"

namespace gnomon::cli {
namespace {

using Texts = std::vector<std::string>;

boost::program_options::typed_value<Texts>* texts_value(const std::string& called) {
  return boost::program_options::value<Texts>()->value_name(called);
}

content::RegisteredKey fresh_key() {
  content::RegisteredKey key{};
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) key.fill(0);
  return key;
}

}  // namespace

void add_registered_options(CommandLine& line) {
  line.options().add_options()  //
      ("learn-table", text_value("CSV"),
       "make a table of keyed hashes of its cells, without a word of it; needs -o")  //
      ("learn-document", texts_value("FILE")->multitoken(),
       "make prints of these documents, by which parts of them are recognised; needs -o")  //
      ("output,o", text_value("FILE"), "where --learn-table or --learn-document writes")   //
      ("table", text_value("FILE"), "find rows of this learnt table")                      //
      ("documents", text_value("FILE"), "find parts of these learnt documents")            //
      ("marking", texts_value("WORDS"), "a confidentiality marking of your own; may be repeated");
}

std::optional<int> learn(const CommandLine& line) {
  const bool table = line.has("learn-table");
  if (!table && !line.has("learn-document")) return std::nullopt;
  const std::string output = line.text("output");
  if (output.empty()) return line.misused("where to? Name a file with -o");
  const content::RegisteredKey key = fresh_key();
  if (table) {
    const auto csv = read_text_file(line.text("learn-table"));
    if (!csv) return line.unreadable(csv.error().message);
    auto learnt = content::ExactTable::learn(content::to_utf8(*csv), key);
    if (!learnt) return line.misused(line.text("learn-table") + ": " + learnt.error().message);
    const auto saved = learnt->save(output);
    if (!saved) return line.unreadable(saved.error().message);
    std::printf("%zu cells learnt, as keyed hashes in %s\n", *saved, output.c_str());
    return kDone;
  }
  content::DocumentProcessOptions process;
  process.program = "/proc/self/exe";
  content::DocumentProcess documents{process};
  content::DocumentPrints prints{key};
  for (const std::string& name : line.get<Texts>("learn-document")) {
    const auto bytes = read_text_file(name);
    if (!bytes) return line.unreadable(bytes.error().message);
    const FileText file = read_file_text(*bytes, name, documents);
    if (!prints.learn(std::filesystem::path{name}.filename().string(), file.text))
      return line.misused(name + ": has too little text to be recognised by");
  }
  const auto saved = prints.save(output);
  if (!saved) return line.unreadable(saved.error().message);
  std::printf("%zu documents learnt, as hashes in %s\n", *saved, output.c_str());
  return kDone;
}

std::optional<int> add_registered(const CommandLine& line, content::DetectorOptions& options) {
  if (line.has("table")) {
    auto table = content::ExactTable::load(line.text("table"));
    if (!table) return line.unreadable(table.error().message);
    options.exact_table = std::make_shared<content::ExactTable>(std::move(*table));
  }
  if (line.has("documents")) {
    auto prints = content::DocumentPrints::load(line.text("documents"));
    if (!prints) return line.unreadable(prints.error().message);
    options.document_prints = std::make_shared<content::DocumentPrints>(std::move(*prints));
  }
  if (line.has("marking")) options.markings = line.get<Texts>("marking");
  return std::nullopt;
}

}  // namespace gnomon::cli
