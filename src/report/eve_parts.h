#pragma once

#include <span>
#include <string_view>

#include "gnomon/observation/observation.h"
#include "gnomon/report/json_writer.h"

// What several kinds of events share.
namespace gnomon::report {

// app, role, category, usage, grade, why: what is known of them.
void write_identity(JsonWriter& json, const observation::Identity& identity);
// A member with a list of texts; none when there are none.
void write_texts(JsonWriter& json, std::string_view name, std::span<const std::string_view> texts);

}  // namespace gnomon::report
