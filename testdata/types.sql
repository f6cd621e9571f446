-- Every type that SQLite can declare and irisfix keeps, with its extremes, NULL and empty, names that need quotes, and
-- text from many scripts.
CREATE TABLE "Numbers.Whole" (
  "small" SMALLINT, "tiny" TINYINT, "int" INTEGER, "big" BIGINT, "bit" BOOLEAN, id INTEGER PRIMARY KEY);
INSERT INTO "Numbers.Whole" (id, "small", "tiny", "int", "big", "bit") VALUES
  (1, -32768, -128, -2147483648, -9223372036854775808, 0), (2, 32767, 127, 2147483647, 9223372036854775807, 1),
  (3, 0, 0, 0, 0, NULL), (4, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE "Numbers.Other" (
  id INTEGER PRIMARY KEY, price DECIMAL(12,2), rate NUMERIC(9,6), long DECIMAL(15,10), real DOUBLE);
INSERT INTO "Numbers.Other" VALUES
  (1, 9999999999.99, 999.999999, 12345.0123456789, 1.7976931348623157e308),
  (2, -9999999999.99, -0.000001, -0.0000000001, 2.2250738585072014e-308),
  (3, 0, 0, 0, 0.1), (4, 0.1, 0.3, 99999.9999999999, 4.9e-324), (5, NULL, NULL, NULL, NULL);

CREATE TABLE "Zeit und Raum" ("Schlüssel" VARCHAR(20) PRIMARY KEY, day DATE, clock TIME, moment TIMESTAMP, "a ""quoted"" name" VARCHAR(30));
INSERT INTO "Zeit und Raum" VALUES
  ('früh', '0001-01-01', '00:00:00', '0001-01-01 00:00:00', 'x'), ('spät', '9999-12-31', '23:59:59.999999', '9999-12-31 23:59:59.999999', ''),
  ('Schalttag', '2024-02-29', '12:30:00.5', '2024-02-29 12:30:00.5', NULL), ('nie', NULL, NULL, NULL, NULL);

CREATE TABLE "слова.文字" (id INTEGER PRIMARY KEY, "語" VARCHAR(60), note TEXT);
INSERT INTO "слова.文字" VALUES
  (1, 'Zażółć gęślą jaźń', 'Polish'), (2, 'Съешь ещё этих мягких булок', 'Russian'), (3, '색인 目次 もくじ', 'Korean, Chinese, Japanese'),
  (4, 'نص حكيم له سر', 'Arabic'), (5, 'דג סקרן שט בים', 'Hebrew'), (6, '👩🏽‍🚀 🇪🇺 𝔘𝔫𝔦', 'outside of the basic plane'),
  (7, 'e' || char(769) || ' and ' || char(233), 'composed and not'), (8, '', 'empty'), (9, NULL, 'NULL'),
  (10, 'line' || char(13, 10) || 'tab' || char(9) || 'quote '' " ` \', NULL), (11, ' blanks ', '');

CREATE TABLE "order" ("select" INTEGER, "from" BLOB, "where" VARBINARY(16));
INSERT INTO "order" VALUES (1, x'', x'00'), (1, x'00ff00', x'0102030405060708090a0b0c0d0e0f10'), (2, zeroblob(5000), NULL), (NULL, NULL, x'');
