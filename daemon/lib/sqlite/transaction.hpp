#pragma once

#include "lib/sqlite/statement.hpp"

namespace concd::sqlite {

class Database;

/// BEGIN IMMEDIATE; rolled back when left without commit().
class Transaction {
 public:
  /// Throws Error.
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  /// Throws Error; the transaction is then still to be rolled back.
  void commit();

 private:
  Database& m_database;
};

/// A part of a transaction that can be undone alone; undone when left without keep().
/// <https://sqlite.org/lang_savepoint.html>
class Savepoint {
 public:
  /// What all savepoints of a connection run, compiled once: there is one for each small work.
  class Statements {
   public:
    /// Outlived by the database. Throws Error.
    explicit Statements(Database& database);

   private:
    friend class Savepoint;
    Database& m_database;
    Statement m_begin, m_release;
  };

  /// Throws Error.
  explicit Savepoint(Statements& statements);
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();

  /// Makes it part of the transaction. Throws Error.
  void keep();

 private:
  Statements& m_statements;
  bool m_open = true;
};

}  // namespace concd::sqlite
