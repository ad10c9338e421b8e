// The files that are not about one vendor: vocabulary, sources, shared hosts, clients.
#include <algorithm>

#include "catalogue_builder.h"
#include "gnomon/bytes/hash.h"

namespace gnomon::identify {

std::string_view Vocabulary::usage_of(Role role) const {
  const auto at = roles.find(to_string(role));
  return at == roles.end() ? std::string_view{} : at->second.usage;
}

// Words with what they mean: the meaning is for people.
void CatalogueBuilder::read_words(YamlReader& in, std::vector<std::string_view>& words) {
  in.mapping([&](std::string_view word) {
    words.push_back(keep(word));
    in.scalar();
    return true;
  });
}

void CatalogueBuilder::read_roles(YamlReader& in) {
  in.mapping([&](std::string_view name) {
    const auto known = std::find_if(kRoles.begin(), kRoles.end(),
                                    [&](Role role) { return to_string(role) == name; });
    if (known == kRoles.end()) return false;
    Vocabulary::RoleWord& word = vocabulary_.roles[to_string(*known)];
    word.role = *known;
    in.mapping([&](std::string_view key) {
      if (key == "usage") {
        word.usage = read_word(in, vocabulary_.usages, "usage");
      } else if (key == "about") {
        in.scalar();
      } else {
        return false;
      }
      return true;
    });
    return true;
  });
}

void CatalogueBuilder::read_categories(YamlReader& in) {
  in.mapping([&](std::string_view name) {
    Vocabulary::CategoryWord& word = vocabulary_.categories[keep(name)];
    in.mapping([&](std::string_view key) {
      if (key == "usage") {
        word.usage = read_word(in, vocabulary_.usages, "usage");
      } else if (key == "web_usage") {
        word.web_usage = read_word(in, vocabulary_.usages, "usage");
      } else if (key == "about") {
        in.scalar();
      } else {
        return false;
      }
      return true;
    });
    if (word.usage.empty()) in.problem("a category needs a usage");
    return true;
  });
}

void CatalogueBuilder::read_attributes(YamlReader& in) {
  in.mapping([&](std::string_view name) {
    Vocabulary::AttributeWord& word = vocabulary_.attributes[keep(name)];
    in.mapping([&](std::string_view key) {
      if (key == "values") {
        in.sequence([&] { word.values.push_back(read_text(in)); });
      } else if (key == "fact") {
        word.fact = read_flag(in);
      } else if (key == "about") {
        in.scalar();
      } else {
        return false;
      }
      return true;
    });
    return true;
  });
}

void CatalogueBuilder::read_label_roles(YamlReader& in) {
  in.sequence([&] {
    LabelRole role;
    std::vector<std::string_view> labels;
    in.mapping([&](std::string_view key) {
      if (key == "role") {
        role.role = read_role(in);
      } else if (key == "usage") {
        role.usage = read_word(in, vocabulary_.usages, "usage");
      } else if (key == "labels") {
        in.sequence([&] { labels.push_back(read_text(in)); });
      } else {
        return false;
      }
      return true;
    });
    if (role.usage.empty()) role.usage = vocabulary_.usage_of(role.role);
    for (const std::string_view label : labels) {
      role.label = label;
      const auto fresh = static_cast<std::uint32_t>(contents_->label_roles.size());
      if (contents_->label_index.insert(label, hash_text(label), fresh) != fresh) {
        in.problem("the label '" + std::string{label} + "' has a role already");
        continue;
      }
      contents_->label_roles.push_back(role);
    }
  });
}

void CatalogueBuilder::read_vocabulary(std::string_view text, std::string_view file) {
  YamlReader in{text, file, problems_, cache_};
  in.document([&](std::string_view key) {
    if (key == "usages") {
      read_words(in, vocabulary_.usages);
    } else if (key == "interfaces") {
      read_words(in, vocabulary_.interfaces);
    } else if (key == "client_kinds") {
      read_words(in, vocabulary_.client_kinds);
    } else if (key == "roles") {
      read_roles(in);
    } else if (key == "categories") {
      read_categories(in);
    } else if (key == "attributes") {
      read_attributes(in);
    } else if (key == "label_roles") {
      read_label_roles(in);
    } else {
      return false;
    }
    return true;
  });
}

void CatalogueBuilder::read_sources(std::string_view text, std::string_view file) {
  YamlReader in{text, file, problems_, cache_};
  in.document([&](std::string_view id) {
    vocabulary_.sources.push_back(keep(id));
    bool titled = false;
    in.mapping([&](std::string_view key) {
      if (key == "title") {
        titled = !in.scalar().empty();
      } else if (key == "date") {
        read_date(in);
      } else if (key == "licence" || key == "note") {
        in.scalar();
      } else {
        return false;
      }
      return true;
    });
    if (!titled) in.problem("a source needs a title");
    return true;
  });
}

void CatalogueBuilder::read_shared_host(YamlReader& in, std::string_view file) {
  Endpoint host;
  host.shared = true;
  bool explained = false;
  unsigned line = 0;
  in.mapping([&](std::string_view key) {
    if (key == "host") {
      host.pattern = read_pattern(in, false);
      line = in.line();
    } else if (key == "role") {
      host.role = read_role(in);
    } else if (key == "why") {
      host.note = read_text(in);
      explained = !host.note.empty();
    } else if (key == "sources") {
      read_word_list(in, vocabulary_.sources, "source");
    } else {
      return false;
    }
    return true;
  });
  if (line == 0) {
    in.problem("a shared host needs a host");
    return;
  }
  if (!explained) in.problem("a shared host needs a why");
  if (host.pattern.empty()) return;
  claims_.push_back({host.pattern, kNobody, contents_->shared_hosts.size(), file, line, rank_});
  contents_->shared_hosts.push_back(std::move(host));
}

void CatalogueBuilder::read_shared_hosts(std::string_view text, std::string_view file) {
  const std::string_view name = keep(file);
  YamlReader in{text, name, problems_, cache_};
  in.document([&](std::string_view key) {
    if (key == "too_broad") {
      in.sequence([&] { too_broad_.insert(read_text(in)); });
    } else if (key == "hosts") {
      in.sequence([&] { read_shared_host(in, name); });
    } else {
      return false;
    }
    return true;
  });
}

void CatalogueBuilder::read_client(YamlReader& in) {
  Client client;
  std::vector<std::string_view> tokens;
  std::vector<std::string_view> fingerprints;
  in.mapping([&](std::string_view key) {
    if (key == "name") {
      client.name = read_text(in);
    } else if (key == "kind") {
      client.kind = read_word(in, vocabulary_.client_kinds, "kind of client");
    } else if (key == "usage") {
      client.usage = read_word(in, vocabulary_.usages, "usage");
    } else if (key == "tokens") {
      in.sequence([&] {
        const std::string_view token = read_text(in);
        if (ClientTable::is_token(token)) {
          tokens.push_back(token);
        } else if (!token.empty()) {
          in.problem("'" + std::string{token} +
                     "' is no product token: lower case, no blanks, no "
                     "version, 64 characters at most");
        }
      });
    } else if (key == "ja4") {
      in.sequence([&] {
        const std::string_view pattern = read_text(in);
        if (ClientTable::is_ja4_pattern(pattern)) {
          fingerprints.push_back(pattern);
        } else if (!pattern.empty()) {
          in.problem("'" + std::string{pattern} +
                     "' is no JA4: three parts joined by _, the second 12 hex digits");
        }
      });
    } else if (key == "sources") {
      read_word_list(in, vocabulary_.sources, "source");
    } else if (key == "note") {
      in.scalar();
    } else {
      return false;
    }
    return true;
  });
  if (client.name.empty() || client.kind.empty()) {
    in.problem("a client needs a name and a kind");
    return;
  }
  contents_->clients.add(client);
  for (const std::string_view token : tokens)
    if (!contents_->clients.add_token(token))
      in.problem("the token '" + std::string{token} + "' belongs to an earlier client");
  for (const std::string_view pattern : fingerprints)
    if (!contents_->clients.add_ja4(pattern))
      in.problem("the fingerprint '" + std::string{pattern} + "' belongs to an earlier client");
}

void CatalogueBuilder::read_clients(std::string_view text, std::string_view file) {
  YamlReader in{text, file, problems_, cache_};
  in.document([&](std::string_view key) {
    if (key != "clients") return false;
    in.sequence([&] { read_client(in); });
    return true;
  });
}

}  // namespace gnomon::identify
