#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "client_names.h"
#include "database.h"
#include "gnomon/inventory/attributes.h"
#include "tally.h"

namespace gnomon::inventory {

// "tcp", "udp", "dns" or the number.
std::string protocol_text(std::uint16_t protocol);

// Turns what was added up into rows of a run. Knows the tables' columns; the caller holds the
// transaction.
class BatchWriter {
 public:
  static Result<BatchWriter> prepare(Database& database);

  // False when a statement failed: the database tells why.
  bool write(std::int64_t run, const Tally::Rows& tally, const ClientNames& names);
  bool write_facts(const AppFacts& facts);
  // One without facts: nothing is changed when it is there already.
  bool write_unknown_app(std::string_view id);

 private:
  BatchWriter(Statement sighting, Statement hour, Statement name, Statement unknown, Statement app,
              Statement unknown_app, Statement forget_attributes, Statement attribute)
      : sighting_(std::move(sighting)),
        hour_(std::move(hour)),
        name_(std::move(name)),
        unknown_(std::move(unknown)),
        app_(std::move(app)),
        unknown_app_(std::move(unknown_app)),
        forget_attributes_(std::move(forget_attributes)),
        attribute_(std::move(attribute)) {}

  bool write_sightings(std::int64_t run, const Tally::Rows& tally);
  bool write_hours(std::int64_t run, const Tally::Rows& tally);
  bool write_names(std::int64_t run, const ClientNames& names);
  bool write_unknown(std::int64_t run, const Tally::Rows& tally);

  Statement sighting_;
  Statement hour_;
  Statement name_;
  Statement unknown_;
  Statement app_;
  Statement unknown_app_;
  Statement forget_attributes_;
  Statement attribute_;
};

}  // namespace gnomon::inventory
