-- A shop: customers, products, orders, with foreign keys, dates and money. Everything is made by arithmetic from the
-- number of a row, so that any SQLite makes the same rows. No such person or product exists.
PRAGMA foreign_keys = ON;

CREATE TABLE country (code CHAR(2) PRIMARY KEY, name VARCHAR(40) NOT NULL);
INSERT INTO country VALUES ('AT', 'Austria'), ('BR', 'Brazil'), ('CZ', 'Czechia'), ('DE', 'Germany'), ('FR', 'France'),
  ('GR', 'Greece'), ('IN', 'India'), ('JP', 'Japan'), ('NG', 'Nigeria'), ('PL', 'Poland'), ('SE', 'Sweden'), ('US', 'United States');

CREATE TABLE employee (
  id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, title VARCHAR(40) NOT NULL,
  reports_to INTEGER REFERENCES employee (id), hired DATE NOT NULL);
INSERT INTO employee VALUES
  (1, 'Adaeze Obi', 'Director', NULL, '2009-02-02'), (2, 'Bruno Kraus', 'Head of Sales', 1, '2011-06-15'),
  (3, 'Chiyo Mori', 'Head of Stock', 1, '2012-01-09'), (4, 'Dana Novak', 'Sales', 2, '2015-03-01'),
  (5, 'Elin Strand', 'Sales', 2, '2016-08-22'), (6, 'Farid Nair', 'Sales', 2, '2018-11-05'),
  (7, 'Gosia Lis', 'Stock', 3, '2019-04-30'), (8, 'Hugo Prado', 'Stock', 3, '2021-10-11');

CREATE TABLE customer (
  id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(80) NOT NULL UNIQUE,
  country CHAR(2) NOT NULL REFERENCES country (code), joined DATE NOT NULL, credit DECIMAL(10,2));
WITH RECURSIVE
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400),
  given(k, v) AS (VALUES (0, 'Ada'), (1, 'Bo'), (2, 'Cleo'), (3, 'Dieter'), (4, 'Eva'), (5, 'Femi'), (6, 'Gita'), (7, 'Hana'), (8, 'Ivo'), (9, 'Jun'), (10, 'Kaja')),
  family(k, v) AS (VALUES (0, 'Abreu'), (1, 'Bauer'), (2, 'Chen'), (3, 'Dvorak'), (4, 'Eze'), (5, 'Fischer'), (6, 'Gupta'), (7, 'Horak'), (8, 'Ito'), (9, 'Jansson'), (10, 'Kowal'), (11, 'Lambert'), (12, 'Murray'))
INSERT INTO customer
SELECT i, given.v || ' ' || family.v, lower(given.v || '.' || family.v) || i || '@example.com',
  substr('ATBRCZDEFRGRINJPNGPLSEUS', 1 + 2 * (i * 7 % 12), 2),
  date('2019-01-01', (i * 37 % 2000) || ' days'),
  CASE WHEN i % 9 = 0 THEN NULL ELSE i * 7919 % 500000 / 100.0 END
FROM n JOIN given ON given.k = i % 11 JOIN family ON family.k = i * 5 % 13;

CREATE TABLE category (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, parent INTEGER REFERENCES category (id));
INSERT INTO category VALUES (1, 'Home', NULL), (2, 'Kitchen', 1), (3, 'Light', 1), (4, 'Garden', NULL), (5, 'Tools', 4),
  (6, 'Seeds', 4), (7, 'Paper', NULL), (8, 'Notebooks', 7), (9, 'Maps', 7);

CREATE TABLE product (
  sku CHAR(6) PRIMARY KEY, name VARCHAR(60) NOT NULL, category INTEGER NOT NULL REFERENCES category (id),
  price DECIMAL(10,2) NOT NULL, discontinued BOOLEAN NOT NULL, added DATE NOT NULL);
WITH RECURSIVE
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300),
  kind(k, v) AS (VALUES (0, 'Small'), (1, 'Large'), (2, 'Plain'), (3, 'Fine'), (4, 'Sturdy'), (5, 'Folding'), (6, 'Blue'))
INSERT INTO product
SELECT printf('P%05d', i), kind.v || ' ' || lower(category.name) || ' item ' || i, category.id,
  (99 + i * 5417 % 20000) / 100.0, i % 23 = 0, date('2018-06-01', (i * 11 % 2500) || ' days')
FROM n JOIN kind ON kind.k = i % 7 JOIN category ON category.id = 1 + i % 9;

CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer (id), taken_by INTEGER REFERENCES employee (id),
  placed TIMESTAMP NOT NULL, shipped DATE, note VARCHAR(200));
CREATE INDEX orders_customer ON orders (customer);
CREATE INDEX orders_placed ON orders (placed);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
INSERT INTO orders
SELECT i, 1 + i * 7919 % 400, CASE WHEN i % 5 = 0 THEN NULL ELSE 4 + i % 3 END,
  datetime('2024-01-01', (i * 379) || ' minutes', (i * 13 % 60) || ' seconds'),
  CASE WHEN i > 3950 THEN NULL ELSE date('2024-01-01', (i * 379 / 1440 + i % 6) || ' days') END,
  CASE i % 40 WHEN 0 THEN 'leave with the neighbour' WHEN 7 THEN '' ELSE NULL END
FROM n;

CREATE TABLE order_line (
  order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE, line INTEGER NOT NULL,
  sku CHAR(6) NOT NULL REFERENCES product (sku), quantity INTEGER NOT NULL, unit_price DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (order_id, line));
WITH RECURSIVE
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000),
  m(j) AS (SELECT 1 UNION ALL SELECT j + 1 FROM m WHERE j < 5)
INSERT INTO order_line
SELECT i, j, product.sku, 1 + (i + j) % 4, product.price
FROM n JOIN m ON j <= 1 + i * 31 % 5 JOIN product ON product.sku = printf('P%05d', 1 + (i * 17 + j * 101) % 300);
