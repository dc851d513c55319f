#pragma once

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
  /// Throws Error.
  explicit Savepoint(Database& database);
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();

  /// Makes it part of the transaction. Throws Error.
  void keep();

 private:
  Database& m_database;
  bool m_open = true;
};

}  // namespace concd::sqlite
