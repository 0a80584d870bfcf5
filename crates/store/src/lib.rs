//! SQLite: history, accounts (never a password), settings, pop log; migrations.
