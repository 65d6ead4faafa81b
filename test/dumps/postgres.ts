/** PostgreSQL with everything that a careless dump loses. */
import type { Case } from './conformance.ts'
import type { Server } from './rig.ts'

const OWNER = "own'er \\ $x"
const APP = "it's a pass\\word"

const CLIENT = ['psql', '--host=127.0.0.1', '-XqAt', '--set=ON_ERROR_STOP=1', '--file=-', '--dbname=shop']

const psql = (server: Server, input: string, as = { user: 'owner', password: OWNER }) =>
  server.run([...CLIENT, `--username=${as.user}`], { input, env: { PGPASSWORD: as.password } })
const psqlLater = (server: Server, input: string) =>
  server.later([...CLIENT, '--username=owner'], { input, env: { PGPASSWORD: OWNER } })

const FILL = String.raw`
CREATE ROLE readers; CREATE ROLE "odd ""name" LOGIN PASSWORD 'x' CONNECTION LIMIT 3 VALID UNTIL '2030-01-01';
GRANT readers TO app; ALTER ROLE app SET statement_timeout = '5s'; ALTER DATABASE shop SET timezone = 'Europe/Paris';
CREATE EXTENSION hstore; CREATE EXTENSION pgcrypto;
CREATE SCHEMA "odd ""schema"; CREATE TYPE mood AS ENUM ('sad', 'it''s', '😀'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE kinds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text, raw bytea, whole numeric, real_ double precision, day date, moment timestamp(6),
  stamp timestamptz, span interval, flag boolean, doc jsonb, many text[], address inet, key_ uuid, mood mood, pairs hstore, bits bit varying(20),
  ranges int4range, area box, document xml, twice int GENERATED ALWAYS AS (length(words) * 2) STORED, count positive);
INSERT INTO kinds (words, raw, whole, real_, day, moment, stamp, span, flag, doc, many, address, key_, mood, pairs, bits, ranges, area, document, count) VALUES
 (E'😀 \' " \\ \n \r \t ; -- \\. $$', '\x00ff0a0d5c27', 'NaN', 'Infinity', 'infinity', '2026-10-25 02:30:00.123456', '2026-03-29 02:30:00.999999+01', '-1 year 2 mons -3 days 04:05:06.7', true, '{"a": [1, null, "\u00e9"]}', ARRAY['a', NULL, '{"b"}'], '::ffff:192.0.2.1/120', gen_random_uuid(), '😀', '"a"=>NULL, "b"=>"c"', B'1010', '[1,5)', '(1,2),(3,4)', '<a>é</a>', 1),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('', '', 0, '-0', '4713-01-01 BC', '-infinity', 'epoch', '0', false, 'null', '{}', '0.0.0.0', NULL, 'sad', '', '', 'empty', NULL, NULL, 7);
INSERT INTO kinds (words, raw) VALUES (repeat('long 😀 ', 300000), decode(repeat('00ff', 1000000), 'hex'));
INSERT INTO kinds (words, raw) SELECT md5(n::text), digest(n::text, 'sha512') FROM generate_series(1, 20000) n;
CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY CHECK (id > 0), parent int REFERENCES parent ON DELETE CASCADE DEFERRABLE);
CREATE TABLE log (at timestamptz DEFAULT now(), what text); CREATE UNLOGGED TABLE quick (a int); INSERT INTO quick VALUES (3);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO log (what) VALUES ('it''s ; ' || NEW.id); RETURN NEW; END $f$;
CREATE TRIGGER told AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION tell(); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);
CREATE PROCEDURE greet(who text) LANGUAGE sql AS $p$ INSERT INTO log (what) VALUES ('hello ' || who) $p$;
CREATE TABLE "odd ""schema"."it's" ("a b" int); INSERT INTO "odd ""schema"."it's" VALUES (1), (NULL);
CREATE SEQUENCE numbers START 1000 INCREMENT 10; SELECT nextval('numbers');
CREATE VIEW seen AS SELECT id, words FROM kinds WHERE raw IS NOT NULL; CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM kinds;
CREATE TABLE parts (a int) PARTITION BY RANGE (a); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10); INSERT INTO parts VALUES (5);
CREATE INDEX odd ON kinds (lower(words)) WHERE flag; COMMENT ON TABLE kinds IS 'it''s é'; COMMENT ON DATABASE shop IS 'the shop';
ALTER TABLE parent ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON parent TO readers USING (id > 0);
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE RULE') EXECUTE FUNCTION ev();
GRANT SELECT (id, words), UPDATE (words) ON kinds TO "odd ""name"; GRANT ALL ON parent, child, log TO app; GRANT EXECUTE ON PROCEDURE greet TO readers WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO readers; ALTER TABLE child OWNER TO app; GRANT CONNECT ON DATABASE shop TO readers; REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC;
SELECT lo_from_bytea(4711, '\x00ff00');
`.replace(
  /CREATE EVENT TRIGGER[^\n]*/,
  "CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE RULE') EXECUTE FUNCTION ev();",
)

const TELL = `
SELECT md5(string_agg(k::text, '|' ORDER BY id)), count(*) FROM kinds k;
SELECT k.* FROM kinds k WHERE id <= 3 ORDER BY id; SELECT * FROM parent; SELECT * FROM child; SELECT * FROM log; SELECT * FROM quick; SELECT * FROM "odd ""schema"."it's" ORDER BY 1; SELECT * FROM parts; SELECT * FROM counted;
SELECT last_value, is_called FROM numbers; SELECT last_value, is_called FROM kinds_id_seq; SELECT lo_get(4711);
SELECT table_schema, table_name, column_name, data_type, column_default, is_nullable, is_identity, generation_expression FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, ordinal_position;
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace::regnamespace::text NOT LIKE 'pg%' AND connamespace::regnamespace::text <> 'information_schema' ORDER BY 1, 2;
SELECT indexdef FROM pg_indexes WHERE schemaname NOT IN ('pg_catalog') ORDER BY 1; SELECT viewname, definition FROM pg_views WHERE schemaname = 'public';
SELECT proname, pg_get_functiondef(oid), proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c') AND proname IN ('tell', 'greet', 'ev') ORDER BY 1;
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal; SELECT evtname, evtevent FROM pg_event_trigger; SELECT polname, pg_get_expr(polqual, polrelid) FROM pg_policy;
SELECT relname, relkind, relpersistence, relrowsecurity, pg_get_userbyid(relowner), coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1;
SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL ORDER BY 1, 2; SELECT defaclrole::regrole, defaclacl::text FROM pg_default_acl;
SELECT extname, extversion FROM pg_extension ORDER BY 1; SELECT enumlabel FROM pg_enum ORDER BY enumsortorder; SELECT obj_description('kinds'::regclass);
SELECT datname, pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider, pg_get_userbyid(datdba), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(datacl) a), shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop';
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconnlimit, rolvaliduntil, rolpassword FROM pg_authid WHERE rolname !~ '^pg_' AND rolname <> 'app' ORDER BY 1;
SELECT coalesce(d.datname, '-'), coalesce(r.rolname, '-'), s.setconfig FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole ORDER BY 1, 2;
SELECT roleid::regrole::text, member::regrole::text, grantor::regrole, admin_option FROM pg_auth_members WHERE roleid::regrole::text !~ '^pg_' ORDER BY 1, 2;
`

export const postgres = (image: () => string): Case => ({
  name: 'postgres',
  wish: () => ({
    engine: 'postgres',
    image: image(),
    database: 'shop',
    account: { user: 'app', password: APP },
    env: { POSTGRES_USER: 'owner', POSTGRES_PASSWORD: OWNER, POSTGRES_DB: 'shop' },
    ready(server) {
      psql(
        server,
        `SELECT 'CREATE ROLE app LOGIN PASSWORD ''${APP.replaceAll("'", "''''")}''' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') \\gexec`,
      )
    },
  }),
  fill: (server) => void psql(server, FILL),
  tell: (server) => psql(server, TELL),
  spoil: (server) =>
    void psql(
      server,
      'DROP TRIGGER told ON parent; DROP PROCEDURE greet; DELETE FROM kinds WHERE id > 100; CREATE TABLE later (a int); DROP VIEW seen; DROP OWNED BY readers; DROP ROLE readers; ALTER DATABASE shop RESET timezone; ALTER ROLE app RESET statement_timeout; SELECT lo_unlink(4711);',
    ),
  gone: (server) => psql(server, "SELECT count(*) FROM pg_class WHERE relname = 'later'").trim() === '0',
  signIn: (server) =>
    psql(server, 'SELECT count(*) FROM child', { user: 'app', password: APP }).trim() === '1',
  broken:
    'DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop;\n\\connect shop\nCREATE TABLE a (a int);\nTHIS IS NOT SQL;\nCREATE TABLE b (b int);\n--\n-- PostgreSQL database dump complete\n--\n\n',
  stoppedAtOnce: (server) =>
    psql(server, "SELECT string_agg(relname, ',') FROM pg_class WHERE relname IN ('a', 'b')").trim() === 'a',
  write: (server, many) =>
    psqlLater(
      server,
      `SET client_min_messages = error; CREATE TABLE IF NOT EXISTS apairs (a int); CREATE TABLE IF NOT EXISTS zpairs (a int); ${Array.from({ length: many }, (_, n) => `BEGIN; INSERT INTO apairs VALUES (${n}); INSERT INTO zpairs VALUES (${n}); COMMIT;`).join('\n')}`,
    ),
  even: (server) =>
    psql(server, 'SELECT (SELECT count(*) FROM apairs) - (SELECT count(*) FROM zpairs)').trim() === '0',
})
