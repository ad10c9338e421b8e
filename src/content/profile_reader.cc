#include "profile_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "rule_words.h"

namespace gnomon::content {
namespace {

constexpr std::uint32_t kNumberMax = 1'000'000;

class ProfileReader {
 public:
  explicit ProfileReader(const std::set<std::string, std::less<>>& known) : known_(known) {}

  bool read(const YamlNode& entry) {
    if (entry.kind != YamlNode::Kind::kMap) return fail(entry, "a profile is a map");
    const YamlNode* id = entry.find("id");
    if (id == nullptr || id->text.empty()) return fail(entry, "has no id");
    profile.detector.id = id->text;
    profile.detector.is_profile = true;
    const YamlNode* needed = nullptr;
    bool has_category = false;
    for (const auto& [key, node] : entry.members) {
      if (key == "id" || key == "note") continue;
      if (key == "needed") {
        needed = &node;
      } else if (!member(key, node)) {
        return false;
      }
      has_category = has_category || key == "category";
    }
    if (profile.detector.name.empty()) return fail(entry, "has no name");
    if (!has_category) return fail(entry, "has no category");
    if (profile.conditions.empty()) return fail(entry, "has no conditions");
    profile.needed = profile.conditions.size();
    std::uint32_t wanted = 0;
    if (needed == nullptr) return true;
    if (!number(*needed, wanted)) return false;
    if (wanted > profile.conditions.size())
      return fail(*needed, "more are needed than there are conditions");
    profile.needed = wanted;
    return true;
  }

  Profile profile;
  std::string error;

 private:
  bool fail(const YamlNode& node, const std::string& why) {
    const std::string& id = profile.detector.id;
    error = "line " + std::to_string(node.line) + ": " + (id.empty() ? "" : id + ": ") + why;
    return false;
  }

  template <class Value, std::size_t N>
  bool word(const YamlNode& node, Value& out,
            const std::pair<std::string_view, Value> (&choices)[N], const char* what) {
    const auto chosen = choose(node.text, choices);
    if (!chosen) return fail(node, "'" + node.text + "' is not a " + what);
    out = *chosen;
    return true;
  }

  bool number(const YamlNode& node, std::uint32_t& out) {
    const bool digits = !node.text.empty() && node.text.size() <= 7 &&
                        node.text.find_first_not_of("0123456789") == std::string::npos;
    out = digits ? static_cast<std::uint32_t>(std::stoul(node.text)) : 0;
    return (out >= 1 && out <= kNumberMax) || fail(node, "a number from 1 to 1000000 is wanted");
  }

  bool texts(const YamlNode& node, std::vector<std::string>& out) {
    if (node.kind != YamlNode::Kind::kList || node.items.empty())
      return fail(node, "a list is wanted");
    for (const YamlNode& item : node.items) {
      if (item.kind != YamlNode::Kind::kText) return fail(item, "text is wanted");
      out.push_back(item.text);
    }
    return true;
  }

  bool detectors(const YamlNode& node, std::vector<std::string>& out) {
    if (!texts(node, out)) return false;
    for (const YamlNode& item : node.items)
      if (!known_.contains(item.text))
        return fail(item, "no detector, family or category is called '" + item.text + "'");
    return true;
  }

  bool member(const std::string& key, const YamlNode& node) {
    Detector& detector = profile.detector;
    if (key == "name") {
      detector.name = node.text;
      return true;
    }
    if (key == "category") return word(node, detector.category, kCategories, "category");
    if (key == "severity") return word(node, detector.severity, kSeverities, "severity");
    if (key == "references") return texts(node, detector.references);
    if (key == "confidence") {
      Confidence chosen{};
      if (!word(node, chosen, kConfidences, "confidence")) return false;
      profile.confidence = chosen;
      return true;
    }
    if (key == "direction") {
      if (node.text != "to_server" && node.text != "to_client")
        return fail(node, "'" + node.text + "' is not to_server or to_client");
      profile.to_server = node.text == "to_server";
      return true;
    }
    if (key == "roles") return roles(node);
    if (key == "conditions") return conditions(node);
    if (key == "levels") return levels(node);
    if (key == "examples") {
      for (const auto& [kind, list] : node.members) {
        if (kind != "match" && kind != "other") return fail(list, "examples are match or other");
        if (!texts(list, kind == "match" ? profile.match_examples : profile.other_examples))
          return false;
      }
      return true;
    }
    return fail(node, "'" + key + "' is not known in a profile");
  }

  bool roles(const YamlNode& node) {
    std::vector<std::string> words;
    if (!texts(node, words)) return false;
    for (const std::string& each : words) {
      constexpr Role kRoles[] = {Role::kUser, Role::kSystem, Role::kTool, Role::kAssistant};
      const auto* role = std::find_if(std::begin(kRoles), std::end(kRoles),
                                      [&](Role one) { return to_string(one) == each; });
      if (role == std::end(kRoles)) return fail(node, "'" + each + "' is not a role");
      profile.roles.push_back(*role);
    }
    return true;
  }

  bool conditions(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList) return fail(node, "a list of conditions is wanted");
    for (const YamlNode& item : node.items) {
      ProfileCondition made;
      for (const auto& [key, value] : item.members)
        if (!condition_member(key, value, made)) return false;
      if (made.of.empty()) return fail(item, "a condition says 'of' what");
      profile.conditions.push_back(std::move(made));
    }
    return true;
  }

  bool condition_member(const std::string& key, const YamlNode& node, ProfileCondition& made) {
    if (key == "of") return detectors(node, made.of);
    if (key == "except") return detectors(node, made.except);
    if (key == "severity") return word(node, made.severity, kSeverities, "severity");
    if (key == "count") return number(node, made.count);
    if (key == "unique") return number(node, made.unique);
    if (key == "kinds") return number(node, made.kinds);
    if (key == "confidence") return word(node, made.confidence, kConfidences, "confidence");
    return fail(node, "'" + key + "' is not known in a condition");
  }

  bool levels(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList) return fail(node, "a list of levels is wanted");
    for (const YamlNode& item : node.items) {
      Profile::Level level;
      for (const auto& [key, value] : item.members) {
        if (key != "unique" && key != "severity")
          return fail(value, "'" + key + "' is not known in a level");
        if (!(key == "unique" ? number(value, level.unique)
                              : word(value, level.severity, kSeverities, "severity")))
          return false;
      }
      if (level.unique == 0) return fail(item, "a level says 'unique'");
      profile.levels.push_back(level);
    }
    return true;
  }

  const std::set<std::string, std::less<>>& known_;
};

}  // namespace

Result<Profile> read_profile(const YamlNode& entry,
                             const std::set<std::string, std::less<>>& known) {
  ProfileReader reader{known};
  if (!reader.read(entry)) return Error{std::move(reader.error)};
  return std::move(reader.profile);
}

}  // namespace gnomon::content
