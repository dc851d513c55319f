#pragma once

#include <string_view>

#include "lib/sqlite/statement.hpp"
#include "store/column_value.hpp"

/// How one column of a table is named, bound and read.
namespace concd::store {

/// When a column is written after its row was added.
enum class Written { once, checkpoint, often };

/// A column that holds a part of a Row.
template <typename Row>
struct Column {
  std::string_view name;
  Written written;
  void (*put)(sqlite::Statement& statement, int parameter, const Row& row);
  bool (*get)(const sqlite::Statement& statement, int column, Row& row);  ///< as store::get()
};

template <typename Pointer>
struct MemberOf;
template <typename Owner, typename Member>
struct MemberOf<Member Owner::*> {
  using Class = Owner;
};

/// `object.*head.*tail…`
template <auto Head, auto... Tail, typename Object>
[[nodiscard]] constexpr auto& member(Object& object) {
  if constexpr (sizeof...(Tail) == 0)
    return object.*Head;
  else
    return member<Tail...>(object.*Head);
}

/// The column of the member that the path of pointers leads to.
template <auto Head, auto... Tail>
[[nodiscard]] constexpr auto column(std::string_view name, Written written) {
  using Row = typename MemberOf<decltype(Head)>::Class;
  return Column<Row>{name, written,
                     [](sqlite::Statement& statement, int parameter, const Row& row) {
                       put(statement, parameter, member<Head, Tail...>(row));
                     },
                     [](const sqlite::Statement& statement, int number, Row& row) {
                       return get(statement, number, member<Head, Tail...>(row));
                     }};
}

/// The same of a part that not every row has: `part(row)` points at it or is null. The column is NULL where
/// there is none.
template <typename Row, typename Part, auto Head, auto... Tail>
[[nodiscard]] constexpr auto column_of(std::string_view name, Written written) {
  return Column<Row>{name, written,
                     [](sqlite::Statement& statement, int parameter, const Row& row) {
                       if (const auto* const part = Part()(row); part != nullptr)
                         put(statement, parameter, member<Head, Tail...>(*part));
                       else
                         statement.bind_null(parameter);
                     },
                     [](const sqlite::Statement& statement, int number, Row& row) {
                       auto* const part = Part()(row);
                       return part == nullptr || get(statement, number, member<Head, Tail...>(*part));
                     }};
}

}  // namespace concd::store
