"""/manage/: settings as rows with a history, for the administrator. One mechanism for all tables: `tables`
says what each table is, `rows` shows and changes them. No order is read here, only counted by the rules
below."""
