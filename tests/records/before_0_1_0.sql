-- An embedded database as the fourteen migrations of before 0.1.0 made it, with one question and its answer.
BEGIN TRANSACTION;
CREATE TABLE "account_emailaddress" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "verified" bool NOT NULL, "primary" bool NOT NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "email" varchar(254) NOT NULL);
CREATE TABLE "account_emailconfirmation" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "created" datetime NOT NULL, "sent" datetime NULL, "key" varchar(64) NOT NULL UNIQUE, "email_address_id" integer NOT NULL REFERENCES "account_emailaddress" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "auth_group" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(150) NOT NULL UNIQUE);
CREATE TABLE "auth_group_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "auth_permission" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED, "codename" varchar(100) NOT NULL, "name" varchar(255) NOT NULL);
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL, "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL);
CREATE TABLE "auth_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "auth_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL);
INSERT INTO "django_content_type" VALUES(1,'auth','permission');
INSERT INTO "django_content_type" VALUES(2,'auth','group');
INSERT INTO "django_content_type" VALUES(3,'auth','user');
INSERT INTO "django_content_type" VALUES(4,'contenttypes','contenttype');
INSERT INTO "django_content_type" VALUES(5,'sessions','session');
INSERT INTO "django_content_type" VALUES(6,'account','emailaddress');
INSERT INTO "django_content_type" VALUES(7,'account','emailconfirmation');
INSERT INTO "django_content_type" VALUES(8,'records','order');
INSERT INTO "django_content_type" VALUES(9,'records','party');
INSERT INTO "django_content_type" VALUES(10,'records','conversation');
INSERT INTO "django_content_type" VALUES(11,'records','notice');
INSERT INTO "django_content_type" VALUES(12,'records','message');
INSERT INTO "django_content_type" VALUES(13,'records','journalline');
INSERT INTO "django_content_type" VALUES(14,'records','idempotentanswer');
INSERT INTO "django_content_type" VALUES(15,'records','duty');
INSERT INTO "django_content_type" VALUES(16,'records','charge');
INSERT INTO "django_content_type" VALUES(17,'records','apitoken');
INSERT INTO "django_content_type" VALUES(18,'records','pause');
INSERT INTO "django_content_type" VALUES(19,'records','rulebookversion');
INSERT INTO "django_content_type" VALUES(20,'records','sanction');
INSERT INTO "django_content_type" VALUES(21,'records','shipment');
INSERT INTO "django_content_type" VALUES(22,'records','scan');
INSERT INTO "django_content_type" VALUES(23,'records','standing');
INSERT INTO "django_content_type" VALUES(24,'records','rating');
INSERT INTO "django_content_type" VALUES(25,'records','tally');
INSERT INTO "django_content_type" VALUES(26,'records','answer');
INSERT INTO "django_content_type" VALUES(27,'records','answermodel');
INSERT INTO "django_content_type" VALUES(28,'records','note');
INSERT INTO "django_content_type" VALUES(29,'records','readmark');
INSERT INTO "django_content_type" VALUES(30,'records','sentanswer');
INSERT INTO "django_content_type" VALUES(31,'records','attachment');
INSERT INTO "django_content_type" VALUES(32,'records','contact');
INSERT INTO "django_content_type" VALUES(33,'records','incomingmail');
INSERT INTO "django_content_type" VALUES(34,'records','listing');
INSERT INTO "django_content_type" VALUES(35,'records','messageversion');
INSERT INTO "django_content_type" VALUES(36,'records','outgoingmail');
INSERT INTO "django_content_type" VALUES(37,'records','webhook');
INSERT INTO "django_content_type" VALUES(38,'records','webhookcursor');
INSERT INTO "django_content_type" VALUES(39,'records','draft');
INSERT INTO "django_content_type" VALUES(40,'records','marketanswertimes');
INSERT INTO "django_content_type" VALUES(41,'records','trackingbody');
INSERT INTO "django_content_type" VALUES(42,'records','address');
INSERT INTO "django_content_type" VALUES(43,'records','advice');
INSERT INTO "django_content_type" VALUES(44,'records','cancelrequest');
INSERT INTO "django_content_type" VALUES(45,'records','carrieroutage');
INSERT INTO "django_content_type" VALUES(46,'records','delay');
INSERT INTO "django_content_type" VALUES(47,'records','lanecard');
INSERT INTO "django_content_type" VALUES(48,'records','orderline');
INSERT INTO "django_content_type" VALUES(49,'records','shipmentline');
INSERT INTO "django_content_type" VALUES(50,'records','watch');
CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
INSERT INTO "django_migrations" VALUES(1,'contenttypes','0001_initial','2026-11-26 04:33:09.083282');
INSERT INTO "django_migrations" VALUES(2,'auth','0001_initial','2026-11-26 04:33:09.125235');
INSERT INTO "django_migrations" VALUES(3,'account','0001_initial','2026-11-26 04:33:09.165311');
INSERT INTO "django_migrations" VALUES(4,'account','0002_email_max_length','2026-11-26 04:33:09.190952');
INSERT INTO "django_migrations" VALUES(5,'account','0003_alter_emailaddress_create_unique_verified_email','2026-11-26 04:33:09.222276');
INSERT INTO "django_migrations" VALUES(6,'account','0004_alter_emailaddress_drop_unique_email','2026-11-26 04:33:09.247894');
INSERT INTO "django_migrations" VALUES(7,'account','0005_emailaddress_idx_upper_email','2026-11-26 04:33:09.268410');
INSERT INTO "django_migrations" VALUES(8,'account','0006_emailaddress_lower','2026-11-26 04:33:09.302519');
INSERT INTO "django_migrations" VALUES(9,'account','0007_emailaddress_idx_email','2026-11-26 04:33:09.339272');
INSERT INTO "django_migrations" VALUES(10,'account','0008_emailaddress_unique_primary_email_fixup','2026-11-26 04:33:09.363154');
INSERT INTO "django_migrations" VALUES(11,'account','0009_emailaddress_unique_primary_email','2026-11-26 04:33:09.380179');
INSERT INTO "django_migrations" VALUES(12,'contenttypes','0002_remove_content_type_name','2026-11-26 04:33:09.421043');
INSERT INTO "django_migrations" VALUES(13,'auth','0002_alter_permission_name_max_length','2026-11-26 04:33:09.447178');
INSERT INTO "django_migrations" VALUES(14,'auth','0003_alter_user_email_max_length','2026-11-26 04:33:09.465633');
INSERT INTO "django_migrations" VALUES(15,'auth','0004_alter_user_username_opts','2026-11-26 04:33:09.486814');
INSERT INTO "django_migrations" VALUES(16,'auth','0005_alter_user_last_login_null','2026-11-26 04:33:09.512714');
INSERT INTO "django_migrations" VALUES(17,'auth','0006_require_contenttypes_0002','2026-11-26 04:33:09.517349');
INSERT INTO "django_migrations" VALUES(18,'auth','0007_alter_validators_add_error_messages','2026-11-26 04:33:09.531423');
INSERT INTO "django_migrations" VALUES(19,'auth','0008_alter_user_username_max_length','2026-11-26 04:33:09.558767');
INSERT INTO "django_migrations" VALUES(20,'auth','0009_alter_user_last_name_max_length','2026-11-26 04:33:09.578163');
INSERT INTO "django_migrations" VALUES(21,'auth','0010_alter_group_name_max_length','2026-11-26 04:33:09.602614');
INSERT INTO "django_migrations" VALUES(22,'auth','0011_update_proxy_permissions','2026-11-26 04:33:09.614828');
INSERT INTO "django_migrations" VALUES(23,'auth','0012_alter_user_first_name_max_length','2026-11-26 04:33:09.642660');
INSERT INTO "django_migrations" VALUES(24,'records','0001_initial','2026-11-26 04:33:11.080831');
INSERT INTO "django_migrations" VALUES(25,'records','0002_journal_is_append_only','2026-11-26 04:33:11.115055');
INSERT INTO "django_migrations" VALUES(26,'records','0003_standards','2026-11-26 04:33:11.393219');
INSERT INTO "django_migrations" VALUES(27,'records','0004_conversations','2026-11-26 04:33:12.759298');
INSERT INTO "django_migrations" VALUES(28,'records','0005_conversations_searched','2026-11-26 04:33:13.117389');
INSERT INTO "django_migrations" VALUES(29,'records','0006_files_listings_mail','2026-11-26 04:33:15.399241');
INSERT INTO "django_migrations" VALUES(30,'records','0007_webhooks','2026-11-26 04:33:15.667769');
INSERT INTO "django_migrations" VALUES(31,'records','0008_noted_lines_are_told','2026-11-26 04:33:15.720099');
INSERT INTO "django_migrations" VALUES(32,'records','0009_drafts','2026-11-26 04:33:15.797346');
INSERT INTO "django_migrations" VALUES(33,'records','0010_answer_times','2026-11-26 04:33:15.813282');
INSERT INTO "django_migrations" VALUES(34,'records','0011_tracking_numbers','2026-11-26 04:33:15.827602');
INSERT INTO "django_migrations" VALUES(35,'records','0012_tracking_news','2026-11-26 04:33:15.881275');
INSERT INTO "django_migrations" VALUES(36,'records','0013_delivery','2026-11-26 04:33:18.695162');
INSERT INTO "django_migrations" VALUES(37,'records','0014_orders_have_lines','2026-11-26 04:33:18.784927');
INSERT INTO "django_migrations" VALUES(38,'sessions','0001_initial','2026-11-26 04:33:18.793158');
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
CREATE TABLE "records_address" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(200) NOT NULL, "street" varchar(300) NOT NULL, "postcode" varchar(20) NOT NULL, "city" varchar(100) NOT NULL, "region" varchar(10) NOT NULL, "country" varchar(2) NOT NULL, "salt" BLOB NOT NULL, "given_at" datetime NOT NULL, "state" varchar(10) NOT NULL, "order_id" bigint NOT NULL REFERENCES "records_order" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_advice" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "origin" varchar(16) NOT NULL, "destination" varchar(16) NOT NULL, "service" varchar(50) NOT NULL, "at" datetime NOT NULL, "level" real NOT NULL, "days" real NOT NULL, "promised" real NOT NULL, "kept" real NULL, "parcels" integer unsigned NOT NULL CHECK ("parcels" >= 0), "seller_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "advice_of_a_lane" UNIQUE ("seller_id", "origin", "destination", "service"));
CREATE TABLE "records_answer" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "title" varchar(100) NOT NULL, "texts" text NOT NULL CHECK ((JSON_VALID("texts") OR "texts" IS NULL)), "examples" text NOT NULL CHECK ((JSON_VALID("examples") OR "examples" IS NULL)), "automatic" bool NOT NULL, "changed_at" datetime NOT NULL, "learnt_at" datetime NULL, "removed_at" datetime NULL, "seller_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_answermodel" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "version" varchar(20) NOT NULL, "trained_at" datetime NOT NULL, "auto_at" smallint unsigned NULL CHECK ("auto_at" >= 0), "suggest_at" smallint unsigned NOT NULL CHECK ("suggest_at" >= 0), "measured" text NOT NULL CHECK ((JSON_VALID("measured") OR "measured" IS NULL)), "weights" BLOB NOT NULL, "current" bool NOT NULL, "seller_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_apitoken" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "label" varchar(100) NOT NULL, "prefix" varchar(12) NOT NULL UNIQUE, "secret_hash" BLOB NOT NULL, "scopes" text NOT NULL CHECK ((JSON_VALID("scopes") OR "scopes" IS NULL)), "created_at" datetime NOT NULL, "revoked_at" datetime NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_attachment" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "name" varchar(120) NOT NULL, "kind" varchar(60) NOT NULL, "size" integer unsigned NOT NULL CHECK ("size" >= 0), "sha256" varchar(64) NOT NULL, "width" integer unsigned NOT NULL CHECK ("width" >= 0), "height" integer unsigned NOT NULL CHECK ("height" >= 0), "message_id" char(32) NOT NULL REFERENCES "records_message" ("uuid") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_cancelrequest" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "asked_at" datetime NOT NULL, "reason" varchar(20) NOT NULL, "answered_at" datetime NULL, "accepted" bool NULL, "order_id" bigint NOT NULL UNIQUE REFERENCES "records_order" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_carrieroutage" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "carrier" varchar(50) NOT NULL, "begins" datetime NOT NULL, "ends" datetime NOT NULL, "evidence" varchar(300) NOT NULL, "recorded_at" datetime NOT NULL, "spread_at" datetime NULL, "recorded_by_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_charge" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(20) NOT NULL UNIQUE, "ledger" varchar(40) NOT NULL, "points" integer NOT NULL, "rulebook" varchar(100) NOT NULL, "matter" varchar(200) NOT NULL, "because" varchar(20) NOT NULL, "at" datetime NOT NULL, "expires_at" datetime NOT NULL, "overturned_at" datetime NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "rule" varchar(60) NOT NULL);
CREATE TABLE "records_contact" ("party_id" bigint NOT NULL PRIMARY KEY REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "email" varchar(254) NOT NULL, "by_mail" bool NOT NULL, "digest" varchar(6) NOT NULL, "quiet_from" smallint unsigned NULL CHECK ("quiet_from" >= 0), "quiet_until" smallint unsigned NULL CHECK ("quiet_until" >= 0), "bounced" smallint unsigned NOT NULL CHECK ("bounced" >= 0), CONSTRAINT "contact_quiet_hours" CHECK ((("quiet_from" IS NULL AND "quiet_until" IS NULL) OR ("quiet_from" <= 23 AND "quiet_until" <= 23))));
CREATE TABLE "records_conversation" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "key" varchar(12) NOT NULL UNIQUE, "topic" varchar(200) NOT NULL, "opened_at" datetime NOT NULL, "order_id" bigint NULL REFERENCES "records_order" ("id") DEFERRABLE INITIALLY DEFERRED, "buyer_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "seller_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "asked_agent_at" datetime NULL, "closed_at" datetime NULL, "due_at" datetime NULL, "joined_by_id" bigint NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "last_at" datetime NULL, "last_message_id" bigint NULL REFERENCES "records_message" ("id") DEFERRABLE INITIALLY DEFERRED, "turn" varchar(10) NOT NULL, "turn_since" datetime NULL, "listing_id" bigint NULL REFERENCES "records_listing" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "records_conversation" VALUES(1,'019cadc69a807a67836f9b540d6be211','C-8N94AFSWGM','Where is my lamp?','2026-03-02 09:00:00',NULL,2,3,NULL,NULL,NULL,NULL,'2026-03-02 11:00:00',2,'buyer','2026-03-02 11:00:00',NULL);
CREATE TABLE "records_delay" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "announced_at" datetime NOT NULL, "was" datetime NOT NULL, "deliver_by" datetime NOT NULL, "reason" varchar(20) NOT NULL, "answered_at" datetime NULL, "accepted" bool NULL, "order_id" bigint NOT NULL REFERENCES "records_order" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "delay_is_later" CHECK ("deliver_by" > ("was")));
CREATE TABLE "records_draft" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "asked_at" datetime NOT NULL, "done_at" datetime NULL, "text" text NOT NULL, "failed_why" varchar(300) NOT NULL, "asked_by_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "conversation_id" bigint NOT NULL REFERENCES "records_conversation" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_duty" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(20) NOT NULL UNIQUE, "rule" varchar(40) NOT NULL, "rulebook" varchar(100) NOT NULL, "matter" varchar(200) NOT NULL, "subject" varchar(200) NOT NULL, "opened_at" datetime NOT NULL, "opened_by" varchar(200) NOT NULL, "due" datetime NOT NULL, "status" varchar(10) NOT NULL, "warned" smallint unsigned NOT NULL CHECK ("warned" >= 0), "next_at" datetime NULL, "ended_at" datetime NULL, "current" bool NOT NULL, "stuck_at" datetime NULL, "stuck_why" varchar(300) NOT NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "records_duty" VALUES(1,'38e9116edbf7db990e6b','reply','aliexpress@2026-01','conversation:019cadc6-9a80-7a67-836f-9b540d6be211','conversation:019cadc6-9a80-7a67-836f-9b540d6be211','2026-03-02 10:00:00','message.sent:019cadfd-8900-76dd-a10f-af94acd3c190','2026-03-05 10:00:00','met',0,NULL,'2026-03-02 11:00:00',1,NULL,'',3);
CREATE TABLE "records_idempotentanswer" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(100) NOT NULL, "request_hash" BLOB NOT NULL, "status" smallint unsigned NULL CHECK ("status" >= 0), "body" BLOB NULL, "at" datetime NOT NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "idempotency_one_answer" UNIQUE ("party_id", "key"));
CREATE TABLE "records_incomingmail" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "mail_id" varchar(250) NOT NULL UNIQUE, "received_at" datetime NOT NULL, "noted_at" datetime NOT NULL, "outcome" varchar(10) NOT NULL, "why" varchar(300) NOT NULL, "raw" varchar(64) NOT NULL, "message_id" bigint NULL REFERENCES "records_message" ("id") DEFERRABLE INITIALLY DEFERRED, "party_id" bigint NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_journalline" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "seq" bigint NOT NULL, "kind" varchar(40) NOT NULL, "matter" varchar(200) NOT NULL, "fact_id" varchar(200) NULL, "at" datetime NOT NULL, "noted_at" datetime NOT NULL, "body" text NOT NULL, "hash" BLOB NOT NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "journal_one_line_a_number" UNIQUE ("party_id", "seq"));
INSERT INTO "records_journalline" VALUES(1,1,'message.sent','conversation:019cadc6-9a80-7a67-836f-9b540d6be211','message.sent:019cadfd-8900-76dd-a10f-af94acd3c190','2026-03-02 10:00:00','2026-03-02 10:00:00','{"at":"2026-03-02T10:00:00.000000Z","data":{"automatic":false,"by":"buyer","digest":"29a59c38ff90c0ff6b8cac6fad3cfeb74ed3d0e9f5f551f3c918262df1d30109","greeting":false,"message":"019cadfd-8900-76dd-a10f-af94acd3c190"},"id":"message.sent:019cadfd-8900-76dd-a10f-af94acd3c190","kind":"message.sent","matter":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211","noted_at":"2026-03-02T10:00:00.000000Z","party":"seller:019cadc6-9a80-732f-8b12-24083fd22f89","subject":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211"}',X'BDF427CBF9AAF4E981C7953929ECB95BE79C096CD071FFBD638F7CEC1027A0A4',3);
INSERT INTO "records_journalline" VALUES(2,2,'duty.opened','conversation:019cadc6-9a80-7a67-836f-9b540d6be211',NULL,'2026-03-02 10:00:00','2026-03-02 10:00:00','{"at":"2026-03-02T10:00:00.000000Z","due":"2026-03-05T10:00:00.000000Z","key":"38e9116edbf7db990e6b","matter":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211","next_at":"2026-03-04T10:00:00.000000Z","noted_at":"2026-03-02T10:00:00.000000Z","opened_by":"message.sent:019cadfd-8900-76dd-a10f-af94acd3c190","rule":"reply","rulebook":"aliexpress@2026-01","ruling":"Open","subject":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211"}',X'1B64FEF43A5083C2E4E088A1FD0E6973A5E6A7E266149B435B7B8833808C5793',3);
INSERT INTO "records_journalline" VALUES(3,3,'message.sent','conversation:019cadc6-9a80-7a67-836f-9b540d6be211','message.sent:019cae34-7780-7576-9fa0-f1483f959df2','2026-03-02 11:00:00','2026-03-02 11:00:00','{"at":"2026-03-02T11:00:00.000000Z","data":{"automatic":false,"by":"seller","digest":"69f23de9ede4564d8657d7953c896e6326b71477ed5f312d0be46cc9c64a70c3","greeting":false,"message":"019cae34-7780-7576-9fa0-f1483f959df2"},"id":"message.sent:019cae34-7780-7576-9fa0-f1483f959df2","kind":"message.sent","matter":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211","noted_at":"2026-03-02T11:00:00.000000Z","party":"seller:019cadc6-9a80-732f-8b12-24083fd22f89","subject":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211"}',X'5201377240E8F4D15392BF4D1AB1EC14E0F53D5BF1C748DA227F003BC5EDCF90',3);
INSERT INTO "records_journalline" VALUES(4,4,'duty.met','conversation:019cadc6-9a80-7a67-836f-9b540d6be211',NULL,'2026-03-02 11:00:00','2026-03-02 11:00:00','{"at":"2026-03-02T11:00:00.000000Z","key":"38e9116edbf7db990e6b","matter":"conversation:019cadc6-9a80-7a67-836f-9b540d6be211","met_by":"message.sent:019cae34-7780-7576-9fa0-f1483f959df2","noted_at":"2026-03-02T11:00:00.000000Z","rule":"reply","rulebook":"aliexpress@2026-01","ruling":"Meet"}',X'0C39C122E5AAD682AF8AEE53839A1674AEACFEF0CCA6A5B6600C5AA80CC33C46',3);
CREATE TABLE "records_lanecard" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "carrier" varchar(50) NOT NULL, "origin" varchar(16) NOT NULL, "destination" varchar(16) NOT NULL, "service" varchar(50) NOT NULL, "parcels" integer unsigned NOT NULL CHECK ("parcels" >= 0), "known" integer unsigned NOT NULL CHECK ("known" >= 0), "on_time" integer unsigned NOT NULL CHECK ("on_time" >= 0), "median_days" real NULL, "p90_days" real NULL, "lost" integer unsigned NOT NULL CHECK ("lost" >= 0), "failed" integer unsigned NOT NULL CHECK ("failed" >= 0), "scans" real NULL, "gap" real NULL, "at" datetime NOT NULL, CONSTRAINT "card_of_a_lane" UNIQUE ("origin", "destination", "service", "carrier"));
CREATE TABLE "records_listing" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "key" varchar(12) NOT NULL UNIQUE, "external_id" varchar(190) NULL, "title" varchar(200) NOT NULL, "description" text NOT NULL, "amount" bigint NOT NULL, "currency" varchar(3) NOT NULL, "handling_hours" integer unsigned NOT NULL CHECK ("handling_hours" >= 0), "added_at" datetime NOT NULL, "seller_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "delivery_days" smallint unsigned NULL CHECK ("delivery_days" >= 0), "service" varchar(50) NOT NULL, "ships_from" varchar(16) NOT NULL, CONSTRAINT "listing_amount_not_negative" CHECK ("amount" >= 0));
CREATE TABLE "records_marketanswertimes" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime NOT NULL, "days" smallint unsigned NOT NULL CHECK ("days" >= 0), "sellers" integer unsigned NOT NULL CHECK ("sellers" >= 0), "counted" integer unsigned NOT NULL CHECK ("counted" >= 0), "in_time" integer unsigned NOT NULL CHECK ("in_time" >= 0), "median" real NULL, "p95" real NULL, "days_of_week" text NOT NULL CHECK ((JSON_VALID("days_of_week") OR "days_of_week" IS NULL)));
CREATE TABLE "records_message" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "role" varchar(10) NOT NULL, "automatic" bool NOT NULL, "text" text NOT NULL, "salt" BLOB NOT NULL, "at" datetime NOT NULL, "conversation_id" bigint NOT NULL REFERENCES "records_conversation" ("id") DEFERRABLE INITIALLY DEFERRED, "author_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "channel" varchar(4) NOT NULL, "edited_at" datetime NULL, "quoted" text NOT NULL, "unsent" bool NOT NULL);
INSERT INTO "records_message" VALUES(1,'019cadfd890076dda10faf94acd3c190','buyer',0,'Where is my lamp?',X'237CB11F5D108CF25930263938B370A1','2026-03-02 10:00:00',1,2,'',NULL,'',1);
INSERT INTO "records_message" VALUES(2,'019cae34778075769fa0f1483f959df2','seller',0,'It left today.',X'F130D60FCF04BD93F50AE69514DA8C65','2026-03-02 11:00:00',1,3,'',NULL,'',1);
CREATE TABLE "records_messageversion" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "text" text NOT NULL, "salt" BLOB NOT NULL, "until" datetime NOT NULL, "message_id" bigint NOT NULL REFERENCES "records_message" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_note" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "side" varchar(10) NOT NULL, "text" text NOT NULL, "at" datetime NOT NULL, "author_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "conversation_id" bigint NOT NULL REFERENCES "records_conversation" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_notice" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "kind" varchar(40) NOT NULL, "matter" varchar(200) NOT NULL, "at" datetime NOT NULL, "values" text NOT NULL CHECK ((JSON_VALID("values") OR "values" IS NULL)), "read_at" datetime NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "records_notice" VALUES(1,'duty.opened','conversation:019cadc6-9a80-7a67-836f-9b540d6be211','2026-03-02 10:00:00','{"key": "38e9116edbf7db990e6b", "due": "2026-03-05T10:00:00.000000Z", "rule": "reply", "rulebook": "aliexpress@2026-01", "at": "2026-03-02T10:00:00.000000Z"}',NULL,3);
CREATE TABLE "records_order" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "key" varchar(12) NOT NULL UNIQUE, "external_id" varchar(190) NULL UNIQUE, "title" varchar(200) NOT NULL, "amount" bigint NOT NULL, "currency" varchar(3) NOT NULL, "handling_hours" integer unsigned NOT NULL CHECK ("handling_hours" >= 0), "placed_at" datetime NOT NULL, "paid_at" datetime NULL, "dispatch_by" datetime NULL, "deliver_by" datetime NOT NULL, "delivered_at" datetime NULL, "cancelled_at" datetime NULL, "cancelled_by" varchar(10) NOT NULL, "buyer_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "seller_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "cancel_reason" varchar(20) NOT NULL, "destination" varchar(16) NOT NULL, "looked_at" datetime NULL, "origin" varchar(16) NOT NULL, "pieces" integer unsigned NOT NULL CHECK ("pieces" >= 0), "risk" varchar(20) NOT NULL, "sent_at" datetime NULL, "service" varchar(50) NOT NULL, CONSTRAINT "order_amount_not_negative" CHECK ("amount" >= 0));
CREATE TABLE "records_orderline" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL, "quantity" integer unsigned NOT NULL CHECK ("quantity" >= 0), "amount" bigint NOT NULL, "listing_id" bigint NULL REFERENCES "records_listing" ("id") DEFERRABLE INITIALLY DEFERRED, "order_id" bigint NOT NULL REFERENCES "records_order" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "line_has_pieces" CHECK ("quantity" >= 1));
CREATE TABLE "records_outgoingmail" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "due_at" datetime NULL, "attempts" smallint unsigned NOT NULL CHECK ("attempts" >= 0), "sent_at" datetime NULL, "failed_why" varchar(300) NOT NULL, "message_id" bigint NOT NULL REFERENCES "records_message" ("id") DEFERRABLE INITIALLY DEFERRED, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "outgoing_mail_once" UNIQUE ("message_id", "party_id"));
CREATE TABLE "records_party" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "role" varchar(10) NOT NULL, "name" varchar(200) NOT NULL, "external_id" varchar(190) NULL, "time_zone" varchar(50) NOT NULL, "language" varchar(10) NOT NULL, "joined_at" datetime NOT NULL, "user_id" integer NULL UNIQUE REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "party_role_known" CHECK ("role" IN ('buyer', 'seller', 'agent', 'platform')));
INSERT INTO "records_party" VALUES(1,'019cadc69a8078b4a652e44da7f29e26','platform','Comity','comity','UTC','en','2026-03-02 09:00:00',NULL);
INSERT INTO "records_party" VALUES(2,'019cadc69a807e27936550a4a3a65c0c','buyer','Ana Souza','ana souza','UTC','en','2026-03-02 09:00:00',NULL);
INSERT INTO "records_party" VALUES(3,'019cadc69a80732f8b1224083fd22f89','seller','Li Wei','li wei','UTC','en','2026-03-02 09:00:00',NULL);
INSERT INTO "records_party" VALUES(4,'019cadc69a8071e89818f8c99d5d3195','agent','Ken Adams','ken adams','UTC','en','2026-03-02 09:00:00',NULL);
INSERT INTO "records_party" VALUES(5,'019cadc69a807504990e945de2e8e781','buyer','Bea Klein','bea klein','UTC','en','2026-03-02 09:00:00',NULL);
INSERT INTO "records_party" VALUES(6,'019cadc69a807c75b636d85099090016','seller','Max Roth','max roth','UTC','en','2026-03-02 09:00:00',NULL);
CREATE TABLE "records_pause" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "matter" varchar(200) NOT NULL, "begins" datetime NOT NULL, "ends" datetime NOT NULL, "cause" varchar(30) NOT NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "pause_has_length" CHECK ("ends" > ("begins")));
CREATE TABLE "records_rating" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(20) NOT NULL UNIQUE, "standard" varchar(40) NOT NULL, "rulebook" varchar(100) NOT NULL, "at" datetime NOT NULL, "level" smallint unsigned NOT NULL CHECK ("level" >= 0), "counted" integer unsigned NOT NULL CHECK ("counted" >= 0), "faulty" integer unsigned NOT NULL CHECK ("faulty" >= 0), "overturned_at" datetime NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_readmark" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime NOT NULL, "conversation_id" bigint NOT NULL REFERENCES "records_conversation" ("id") DEFERRABLE INITIALLY DEFERRED, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "read_mark_once" UNIQUE ("conversation_id", "party_id"));
CREATE TABLE "records_rulebookversion" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(40) NOT NULL, "version" varchar(40) NOT NULL, "text" text NOT NULL, "in_force_from" datetime NOT NULL UNIQUE, "published_at" datetime NOT NULL, CONSTRAINT "rulebook_one_of_each_version" UNIQUE ("name", "version"));
INSERT INTO "records_rulebookversion" VALUES(1,'aliexpress','2026-01','# The seed rules as AliExpress is described to run them. The letter after each source is its grade:
# A the marketplace''s own page · B a mirror, or several guides that agree · C one guide · D weak · M from memory.

name = "aliexpress"
version = "2026-01"
title = "Seller service rules in the manner of AliExpress"
language = 1
in_force_from = 2026-01-01
announced_on = 2025-12-15
notice = "15 days"
zone = "Asia/Shanghai"
source = "EU 2019/1150 art. 3: changed terms need at least 15 days of notice"

left_out = [
  "A3, A4 (response rate and greeting of the sister site): another marketplace",
  "A7 (usual handling times): every seller sets the own one, which the order carries",
  "A11 (72-hour and 7-day on-line rates), A46, A47, A51: thresholds not found, or weights of a score that is not published",
  "A13, A25 (coupons, double refund): payments to buyers are the shop''s",
  "A14 (a waiver in February 2022): one exemption, recorded as a pause when it happens",
  "A22 (when refunds arrive): banks'' times",
  "A33 to A35 (older forms of penalties by occasion): replaced by points",
  "A40 (a closed account may not register again): identity is the shop''s",
  "A48 (grace period of new sellers): its length is not published",
  "A50 (which ratings count): ratings are shown by the shop",
]

[[clock]]
name = "working days"
days = ["mon", "tue", "wed", "thu", "fri"]
holidays = "CN"

[[duty]]
name = "reply"
title = "Reply to a buyer''s message within 72 hours"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller", automatic = false } }
waived_by = { fact = "conversation.no_reply_needed" }
within = "72 hours"
repeats = true
warn_before = ["24 hours", "4 hours"]
breach = { charge = { ledger = "service", points = 1 } }
source = "D: https://en.xiaoniucw.com/article/33394 (72 hours; no page of the marketplace itself says so). Points: M"

[[duty]]
name = "dispatch"
title = "Send the order, with a tracking number, before the handling time ends"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched", where = { tracked = true } }
voided_by = { fact = "order.cancelled" }
by = "dispatch_by"
warn_before = ["24 hours"]
breach = { charge = { ledger = "service", points = 2 } }
source = "A: https://sell.aliexpress.com/__pc/-rulesEN.htm (ship and upload the number before the deadline). Points: B, first step of the monthly penalty, https://christinasbeautyjourney.blogspot.com/2022/02/penalties.html"

[[duty]]
name = "first scan"
title = "The carrier confirms the parcel within 5 working days of its dispatch"
who = "seller"
each = "shipment"
opened_by = { fact = "shipment.dispatched", where = { tracked = true } }
met_by = [{ fact = "shipment.scanned", where = { source = "carrier" } }, { fact = "shipment.handed_over" }, { fact = "shipment.delivered" }]
voided_by = { fact = "order.cancelled" }
counts_before = true
within = "5 days"
clock = "working days"
warn_before = ["24 hours"]
breach = { charge = { ledger = "service", points = 2 } }
source = "C: https://degcc.com/qplnr207 (5 working days, else false shipment). Points: B, 2 each, https://christinasbeautyjourney.blogspot.com/2022/01/asking-for-help-false-shipment-12192021.html"

[[duty]]
name = "tracking"
title = "Tracking is not silent for more than 10 days"
who = "seller"
each = "shipment"
opened_by = { fact = "shipment.scanned", where = { source = "carrier" } }
met_by = [{ fact = "shipment.scanned", where = { source = "carrier" } }, { fact = "shipment.delivered" }]
voided_by = { fact = "order.cancelled" }
not_after = { fact = "shipment.delivered" }
repeats = true
within = "10 days"
warn_before = ["48 hours"]
breach = { charge = { ledger = "service", points = 1 } }
source = "M: the pages speak of no carrier data for a long time; 10 days and 1 point are ours"

[[duty]]
name = "deliver"
title = "Deliver by the promised date"
who = "seller"
each = "order"
opened_by = [{ fact = "order.paid" }, { fact = "delay.accepted" }]
counts_from = "latest"
met_by = { fact = "shipment.delivered" }
voided_by = { fact = "order.cancelled" }
by = "deliver_by"
warn_before = ["72 hours"]
breach = { charge = { ledger = "service", points = 1 } }
source = "A: http://www.aliexpress.com/buyerprotection/how_do_i_open_a_dispute.html (full refund when late; at most 60 days promised). A later date that the buyer accepts before the first one is the promise: ours. Points: M"

[[ledger]]
name = "service"
title = "Service"
expires_after = "365 days"
source = "B: each deduction lives 365 days from its own date, https://ssopdot.com/blog/16374.html"

[[ledger.rung]]
at = 2
measure = "warning"
length = "30 days"
decided_by = "automatic"
source = "M: a serious warning at 2 points"

[[ledger.rung]]
at = 6
measure = "restriction"
length = "3 days"
notice = "24 hours"
decided_by = "automatic"
source = "M: listings restricted for 3 days at 6 points; the notice is ours"

[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
source = "M: frozen for 7 days at 12 points; the notice and the reviewer are ours"

[[ledger.rung]]
at = 24
measure = "freeze"
length = "14 days"
notice = "48 hours"
decided_by = "reviewer"
source = "M: frozen for 14 days at 24 points"

[[ledger.rung]]
at = 36
measure = "freeze"
length = "30 days"
notice = "48 hours"
decided_by = "reviewer"
source = "M: frozen for 30 days at 36 points"

[[ledger.rung]]
at = 48
measure = "closure"
notice = "30 days"
decided_by = "reviewer"
appeals = ["183 days"]
source = "C: http://dfrtw.com/shangbiaochaxun/96362.html (48 points: closed). Notice: EU 2019/1150 art. 4(2); appeal: EU 2022/2065 art. 20 (six months)"

# Standards (rates)

[[standard]]
name = "disputes"
title = "Few orders end in a dispute"
each = "order"
counted = { fact = ["order.receipt_confirmed", "order.confirmation_timed_out", "dispute.opened"] }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
window = "30 days"
evaluated = "monthly on 27"
limit = { rate = "<= 2.5%", at_least = 20 }
decides = "certain"
error = 0.05
breach = { charge = { ledger = "service", points = 2 } }
source = "B: formula, https://christinasbeautyjourney.blogspot.com/2022/02/aliexpress-transaction-dispute-rules.html; day of the month, https://christinasbeautyjourney.blogspot.com/2021/12/aliexpress-cross-border-merchant.html. Limit, volume and points: M"

[[standard]]
name = "rulings asked for"
title = "Few disputes must be decided by the platform"
each = "order"
counted = { fact = ["order.receipt_confirmed", "order.confirmation_timed_out", "dispute.settled", "dispute.escalated"] }
faulty = { fact = "dispute.escalated" }
window = "30 days"
evaluated = "monthly on 27"
limit = { rate = "<= 2%", at_least = 20 }
source = "B: formula, https://christinasbeautyjourney.blogspot.com/2022/02/aliexpress-transaction-dispute-rules.html. Limit and volume: M; shown, not charged"

[[standard]]
name = "seller at fault"
title = "Few disputes are decided to be the seller''s fault"
each = "order"
counted = { fact = ["order.receipt_confirmed", "order.confirmation_timed_out", "dispute.settled", "dispute.escalated"] }
faulty = { fact = "dispute.decided", where = { fault = "seller" } }
window = "30 days"
evaluated = "monthly on 27"
limit = { rate = "<= 0.8%", at_least = 50 }
breach = { charge = { ledger = "service", points = 2 } }
source = "B: formula, https://ssopdot.com/blog/14336.html. Limit 0.8%, volume and points: M"

[[standard]]
name = "replies"
title = "Nearly all messages are answered in time"
of_duty = "reply"
window = "30 days"
evaluated = "monthly on 27"
limit = { kept = ">= 90%", at_least = 10 }
source = "C: a response rate is shown to sellers, https://ssopdot.com/?p=14163. Limit and volume: M; shown, not charged"

[[standard]]
name = "cancellations"
title = "Few orders are cancelled for the seller''s reasons"
each = "order"
counted = { fact = "order.paid" }
faulty = { fact = "order.cancelled", where = { by = "seller", reason = ["no_stock", "wrong_price", "cannot_ship"] } }
window = "30 days"
evaluated = "monthly on 27"
limit = { rate = "<= 2.5%", at_least = 20 }
breach = { charge = { ledger = "service", points = 2 } }
source = "A: non-fulfilment, by share of the last 7 or 30 days, https://sell.aliexpress.com/__pc/-rulesEN.htm. Limit, volume and points: M. What the buyer asked for does not count: ours"

# Conduct

[[conduct]]
name = "general infringement"
title = "No goods that infringe a trademark or copyright"
severity = "medium"
examples = ["a brand''s name in a title", "a copied picture"]
proved_by = ["reviewer", "report"]
charge = { ledger = "intellectual property", points = [2, 6] }
source = "B: https://ssopdot.com/blog/16374.html (general violations, at most 6 points a day). 2 points each: derived"

[[conduct]]
name = "serious infringement"
title = "No counterfeits"
severity = "critical"
examples = ["counterfeit goods", "hidden links to counterfeits"]
charge = { ledger = "serious intellectual property", points = 1 }
source = "B: https://ssopdot.com/blog/16374.html (strikes)"

[[conduct]]
name = "image theft"
title = "No pictures of others"
severity = "medium"
charge = { ledger = "images", points = 6 }
source = "C: https://wodefinance.com/Trademarkinquiry/xsktugwhjh.html (6 points each, the first 5 days count as one)"

[[conduct]]
name = "product information"
title = "Listings say what the goods are"
severity = "low"
examples = ["wrong category", "wrong attributes", "keyword stuffing"]
proved_by = ["reviewer", "classifier"]
charge = { ledger = "product information", points = [1, 12] }
source = "B: its own ledger, https://christinasbeautyjourney.blogspot.com/2022/02/if-product-is-removed-from-shelves-by.html. Points: M"

[[conduct]]
name = "false shipment"
title = "A declared shipment is a true one"
severity = "medium"
examples = ["an invalid or unrelated number", "another service or country than declared"]
charge = { ledger = "service", points = [2, 12] }
source = "B: 2 points for a general one, https://christinasbeautyjourney.blogspot.com/2022/01/asking-for-help-false-shipment-12192021.html. Serious ones: cut in the source; up to 12 M"

[[conduct]]
name = "harassment"
title = "No harassment of buyers, no inducing them to confirm early"
severity = "high"
proved_by = ["reviewer", "classifier"]
above = "98%"
charge = { ledger = "service", points = [2, 12] }
source = "B: two of ten offences, https://ssopdot.com/blog/34856.html. Points: M"

# The other ledgers; never added together

[[ledger]]
name = "intellectual property"
title = "Intellectual property and prohibited goods"
expires_after = "365 days"
cap_a_day = 6
source = "B: four ledgers, http://dfrtw.com/shangbiaochaxun/96362.html; 365 days, 6 points a day at most, https://ssopdot.com/blog/16374.html"

[[ledger.rung]]
at = 2
measure = "warning"
length = "30 days"
decided_by = "automatic"
source = "M: a serious warning at 2 points"

[[ledger.rung]]
at = 6
measure = "restriction"
length = "3 days"
notice = "24 hours"
source = "M: listings restricted for 3 days at 6 points"

[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
source = "M: 7 days at 12 points"

[[ledger.rung]]
at = 24
measure = "freeze"
length = "14 days"
notice = "48 hours"
source = "M: 14 days at 24 points"

[[ledger.rung]]
at = 36
measure = "freeze"
length = "30 days"
notice = "48 hours"
source = "M: 30 days at 36 points"

[[ledger.rung]]
at = 48
measure = "closure"
notice = "30 days"
decided_by = "two reviewers"
appeals = ["7 days"]
source = "C: 48 points, http://dfrtw.com/shangbiaochaxun/96362.html. One appeal within 7 days: B, https://christinasbeautyjourney.blogspot.com/2022/02/prohibition-and-restriction-appeal-some.html"

[[ledger]]
name = "serious intellectual property"
title = "Serious infringements"
expires_after = "365 days"
counts = "strikes"
merges_within = "3 days"
source = "B: within 3 days they count as one, https://ssopdot.com/blog/16374.html"

[[ledger.rung]]
at = 1
measure = "freeze"
length = "1 day"
notice = "24 hours"
source = "B: 1st, https://ssopdot.com/blog/16374.html. Notice: ours"

[[ledger.rung]]
at = 2
measure = "freeze"
length = "7 days"
notice = "24 hours"
source = "B: 2nd"

[[ledger.rung]]
at = 3
measure = "closure"
notice = "30 days"
decided_by = "two reviewers"
appeals = ["7 days"]
source = "B: 3rd. Notice: EU 2019/1150 art. 4(2)"

[[ledger]]
name = "images"
title = "Image theft"
expires_after = "365 days"
merges_within = "5 days"
source = "C: https://wodefinance.com/Trademarkinquiry/xsktugwhjh.html"

[[ledger]]
name = "product information"
title = "Quality of product information"
expires_after = "365 days"
source = "B: 12 and every multiple of 12, never closes, https://christinasbeautyjourney.blogspot.com/2022/02/if-product-is-removed-from-shelves-by.html"

[[ledger.rung]]
at = 12
every = 12
measure = "freeze"
length = "7 days"
notice = "24 hours"
source = "B: 7 days. Notice: ours"

# Further duties: what silence decides

[[duty]]
name = "answer dispute"
title = "Answer a dispute within 5 days"
who = "seller"
each = "dispute"
opened_by = [{ fact = "dispute.opened" }, { fact = "dispute.modified" }]
met_by = { fact = "dispute.answered" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.settled" }, { fact = "dispute.decided" }]
within = "5 days"
repeats = true
counts_from = "latest"
warn_before = ["48 hours", "24 hours"]
breach = { decide = "buyer", notify = ["buyer"] }
source = "B: 5 days after it is opened or modified; silence executes what the buyer asked, https://ssopdot.com/blog/35242.html, https://ssopdot.com/blog/99383.html"

[[duty]]
name = "platform steps in"
title = "The platform steps in within 7 days"
who = "agent"
each = "dispute"
opened_by = { fact = "dispute.opened" }
met_by = [{ fact = "dispute.decided" }, { fact = "dispute.settled" }]
voided_by = { fact = "dispute.withdrawn" }
within = "7 days"
breach = { escalate = true, notify = ["buyer", "seller"] }
source = "B: within 7 days, the 7th included, https://ssopdot.com/blog/19333.html"

[[duty]]
name = "send back"
title = "Send the goods back within 10 days, with a number"
who = "buyer"
each = "dispute"
opened_by = { fact = "dispute.settled" }
met_by = { fact = "return.sent" }
voided_by = [{ fact = "dispute.withdrawn" }, { fact = "order.refunded" }]
within = "10 days"
breach = { decide = "seller", notify = ["buyer"] }
source = "B: else the money goes to the seller, https://ssopdot.com/blog/19333.html"

[[duty]]
name = "confirm return"
title = "Confirm the returned goods within 30 days"
who = "seller"
each = "dispute"
opened_by = { fact = "return.delivered" }
met_by = { fact = "return.confirmed" }
within = "30 days"
breach = { decide = "buyer" }
source = "M: 30 days; the page is cut"

[[duty]]
name = "answer cancellation"
title = "Answer a request to cancel within 48 hours"
who = "seller"
each = "order"
opened_by = { fact = "cancellation.requested" }
met_by = { fact = "cancellation.answered" }
voided_by = { fact = "order.cancelled" }
within = "48 hours"
repeats = true
breach = { cancel = true }
source = "C: https://guide-aliexpress.com/en/when-will-my-aliexpress-order-be-shipped/ (48 hours, then cancelled)"

[[duty]]
name = "answer complaint"
title = "Answer a right holder''s complaint within 3 working days"
who = "seller"
each = "listing"
opened_by = { fact = "complaint.received" }
met_by = { fact = "complaint.answered" }
within = "3 days"
clock = "working days"
repeats = true
breach = { charge = { ledger = "intellectual property", points = 2 } }
source = "A: 3 working days, http://service.alibaba.com/ensupplier/faq_detail/13845889.htm (the sister site). Points: M"

[dispute]
offers = ["refund", "partial refund", "return and refund", "nothing"]
appeals = ["7 days"]
source = "Windows: B, https://ssopdot.com/blog/19333.html. Appeal within 7 days, once: D, https://en.hb2b.com/ask/190738.html"

[[dispute.reason]]
name = "not received"
title = "The goods did not arrive"
buyer_evidence = []
seller_evidence = ["tracking number", "proof of delivery"]
source = "B: https://ssopdot.com/blog/13874.html (invalid number, wrong address, in transit, customs, returned)"

[[dispute.reason]]
name = "not as described"
title = "The goods are not as agreed"
buyer_evidence = ["photo or video of the goods"]
seller_evidence = ["description at the time of the order", "photo before shipping"]
source = "B: https://ssopdot.com/blog/13874.html (description, quality, damaged, short, fake)"

[[dispute.opening]]
name = "not received"
reasons = ["not received"]
after = { fact = "order.paid", field = "deliver_by" }
until = [{ fact = "order.paid", field = "deliver_by", plus = "15 days" }, { fact = "order.receipt_confirmed", plus = "15 days" }]
unless = { fact = "dispute.settled" }
source = "B: in transit, within the promise: only after it ends; until 15 days after, https://christinasbeautyjourney.blogspot.com/2022/03/how-to-open-dispute.html"

[[dispute.opening]]
name = "not as described"
reasons = ["not as described"]
after = { fact = "shipment.dispatched", plus = "10 days" }
until = [{ fact = "order.paid", field = "deliver_by", plus = "15 days" }, { fact = "order.receipt_confirmed", plus = "15 days" }]
source = "B: 10 days after shipment until 15 days after completion, https://ssopdot.com/blog/19333.html"

[[dispute.phase]]
name = "negotiation"
begun_by = [{ fact = "dispute.opened" }, { fact = "dispute.modified" }, { fact = "dispute.offered" }, { fact = "dispute.answered" }]
buyer = ["modify", "accept", "give evidence", "withdraw"]
seller = ["accept", "reject", "offer", "give evidence"]
agent = []

[[dispute.phase]]
name = "mediation"
begun_by = { fact = "dispute.escalated" }
buyer = ["accept", "give evidence", "withdraw"]
seller = ["accept", "give evidence"]
agent = ["propose", "decide"]

[[dispute.phase]]
name = "closed"
begun_by = [{ fact = "dispute.settled" }, { fact = "dispute.decided" }, { fact = "dispute.withdrawn" }]
buyer = ["appeal", "send back"]
seller = ["appeal", "confirm return"]
agent = ["hear appeal"]

[dispute.inputs]
reason = ["not received", "not as described"]
tracking = ["delivered", "in transit", "none"]
proof = ["clear", "unclear"]

[[dispute.row]]
name = "delivered"
when = { reason = "not received", tracking = "delivered" }
outcome = "seller"
offer = "nothing"
fault = "nobody"
source = "M: the carrier''s proof of delivery decides"

[[dispute.row]]
name = "not delivered"
when = { reason = "not received", tracking = ["in transit", "none"] }
outcome = "buyer"
offer = "refund"
fault = "seller"
source = "A: full refund when late, http://www.aliexpress.com/buyerprotection/how_do_i_open_a_dispute.html"

[[dispute.row]]
name = "shown"
when = { reason = "not as described", proof = "clear" }
outcome = "buyer"
offer = "return and refund"
fault = "seller"
source = "M: on both sides'' evidence"

[[dispute.row]]
name = "not shown"
when = { reason = "not as described", proof = "unclear" }
outcome = "both"
offer = "partial refund"
fault = "nobody"
source = "M: on both sides'' evidence"

[[power]]
who = "agent"
may = ["waive", "pause", "excuse", "suspend", "lift", "reverse", "publish"]

[[power]]
who = "seller"
may = ["waive"]

[[power]]
who = "buyer"
may = ["waive"]
','2025-12-31 16:00:00','2026-03-02 09:00:00');
CREATE TABLE "records_sanction" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "key" varchar(20) NOT NULL UNIQUE, "rung" integer unsigned NOT NULL CHECK ("rung" >= 0), "measure" varchar(20) NOT NULL, "points" integer unsigned NOT NULL CHECK ("points" >= 0), "rulebook" varchar(100) NOT NULL, "status" varchar(10) NOT NULL, "at" datetime NOT NULL, "issue" integer unsigned NOT NULL CHECK ("issue" >= 0), "because" text NOT NULL CHECK ((JSON_VALID("because") OR "because" IS NULL)), "statement" text NULL CHECK ((JSON_VALID("statement") OR "statement" IS NULL)), "effective_at" datetime NULL, "until" datetime NULL, "next_at" datetime NULL, "ended_at" datetime NULL, "decided_by" varchar(200) NOT NULL, "stuck_at" datetime NULL, "stuck_why" varchar(300) NOT NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "restored_at" datetime NULL, "seconded_by" varchar(200) NOT NULL, "ledger" varchar(60) NOT NULL, CONSTRAINT "sanction_has_its_reasons" CHECK ((NOT ("status" = 'placed') OR "statement" IS NOT NULL)));
CREATE TABLE "records_scan" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime NOT NULL, "status" varchar(30) NOT NULL, "place" varchar(100) NOT NULL, "source" varchar(10) NOT NULL, "shipment_id" bigint NOT NULL REFERENCES "records_shipment" ("id") DEFERRABLE INITIALLY DEFERRED, "said" varchar(300) NOT NULL, "zone_assumed" bool NOT NULL, "carrier" varchar(50) NOT NULL, "country" varchar(2) NOT NULL);
CREATE TABLE "records_sentanswer" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "model" varchar(20) NOT NULL, "certainty" smallint unsigned NOT NULL CHECK ("certainty" >= 0), "at" datetime NOT NULL, "helped_at" datetime NULL, "rejected_at" datetime NULL, "answer_id" bigint NOT NULL REFERENCES "records_answer" ("id") DEFERRABLE INITIALLY DEFERRED, "message_id" char(32) NOT NULL UNIQUE REFERENCES "records_message" ("uuid") DEFERRABLE INITIALLY DEFERRED, "question_id" bigint NOT NULL REFERENCES "records_message" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "sent_answer_one_verdict" CHECK (("helped_at" IS NULL OR "rejected_at" IS NULL)));
CREATE TABLE "records_shipment" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "carrier" varchar(50) NOT NULL, "tracking_number" varchar(60) NOT NULL, "salt" BLOB NOT NULL, "dispatched_at" datetime NOT NULL, "delivered_at" datetime NULL, "order_id" bigint NOT NULL REFERENCES "records_order" ("id") DEFERRABLE INITIALLY DEFERRED, "pieces" integer unsigned NOT NULL CHECK ("pieces" >= 0), "polled_at" datetime NULL, "returns" bool NOT NULL);
CREATE TABLE "records_shipmentline" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "quantity" integer unsigned NOT NULL CHECK ("quantity" >= 0), "line_id" bigint NOT NULL REFERENCES "records_orderline" ("id") DEFERRABLE INITIALLY DEFERRED, "shipment_id" bigint NOT NULL REFERENCES "records_shipment" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "line_once_in_a_parcel" UNIQUE ("shipment_id", "line_id"), CONSTRAINT "parcel_has_pieces" CHECK ("quantity" >= 1));
CREATE TABLE "records_standing" ("party_id" bigint NOT NULL PRIMARY KEY REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "chain_seq" bigint NOT NULL, "chain_hash" BLOB NOT NULL, "next_due" datetime NULL, "paused_until" datetime NULL, "evaluations" text NOT NULL);
INSERT INTO "records_standing" VALUES(1,0,X'0000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,'{}');
INSERT INTO "records_standing" VALUES(2,0,X'0000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,'{}');
INSERT INTO "records_standing" VALUES(3,4,X'0C39C122E5AAD682AF8AEE53839A1674AEACFEF0CCA6A5B6600C5AA80CC33C46','2026-03-04 10:00:00',NULL,'{"replies": "2026-03-26T16:00:00.000000Z"}');
INSERT INTO "records_standing" VALUES(4,0,X'0000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,'{}');
INSERT INTO "records_standing" VALUES(5,0,X'0000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,'{}');
INSERT INTO "records_standing" VALUES(6,0,X'0000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,'{}');
CREATE TABLE "records_tally" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "standard" varchar(40) NOT NULL, "subject" varchar(200) NOT NULL, "basis" datetime NULL, "counted_at" datetime NULL, "faulty_at" datetime NULL, "cleared_at" datetime NULL, "excluded_at" datetime NULL, "value" bigint NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "tally_one_a_subject" UNIQUE ("party_id", "standard", "subject"));
INSERT INTO "records_tally" VALUES(1,'replies','duty:38e9116edbf7db990e6b','2026-03-02 11:00:00','2026-03-02 11:00:00',NULL,NULL,NULL,NULL,3);
CREATE TABLE "records_trackingbody" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "provider" varchar(20) NOT NULL, "digest" varchar(64) NOT NULL, "body" BLOB NOT NULL, "received_at" datetime NOT NULL, "outcome" varchar(10) NOT NULL, "number" varchar(60) NOT NULL, "why" varchar(300) NOT NULL, "read_at" datetime NULL, CONSTRAINT "tracking_body_once" UNIQUE ("provider", "digest"));
CREATE TABLE "records_watch" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "at" datetime NOT NULL, "wanted" real NOT NULL, "level" real NOT NULL, "judged" integer unsigned NOT NULL CHECK ("judged" >= 0), "kept" integer unsigned NOT NULL CHECK ("kept" >= 0));
CREATE TABLE "records_webhook" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "uuid" char(32) NOT NULL UNIQUE, "url" varchar(500) NOT NULL, "secret" varchar(80) NOT NULL, "kinds" text NOT NULL CHECK ((JSON_VALID("kinds") OR "kinds" IS NULL)), "made_at" datetime NOT NULL, "next_at" datetime NULL, "failures" integer unsigned NOT NULL CHECK ("failures" >= 0), "failed_why" varchar(300) NOT NULL, "owner_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "records_webhookcursor" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "seq" bigint NOT NULL, "party_id" bigint NOT NULL REFERENCES "records_party" ("id") DEFERRABLE INITIALLY DEFERRED, "webhook_id" bigint NOT NULL REFERENCES "records_webhook" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "webhook_cursor_once" UNIQUE ("webhook_id", "party_id"));
CREATE UNIQUE INDEX "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" ON "auth_group_permissions" ("group_id", "permission_id");
CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "auth_group_permissions" ("group_id");
CREATE INDEX "auth_group_permissions_permission_id_84c5c92e" ON "auth_group_permissions" ("permission_id");
CREATE UNIQUE INDEX "auth_user_groups_user_id_group_id_94350c0c_uniq" ON "auth_user_groups" ("user_id", "group_id");
CREATE INDEX "auth_user_groups_user_id_6a12ed8b" ON "auth_user_groups" ("user_id");
CREATE INDEX "auth_user_groups_group_id_97559544" ON "auth_user_groups" ("group_id");
CREATE UNIQUE INDEX "auth_user_user_permissions_user_id_permission_id_14a6b632_uniq" ON "auth_user_user_permissions" ("user_id", "permission_id");
CREATE INDEX "auth_user_user_permissions_user_id_a95ead1b" ON "auth_user_user_permissions" ("user_id");
CREATE INDEX "auth_user_user_permissions_permission_id_1fbb5f2c" ON "auth_user_user_permissions" ("permission_id");
CREATE INDEX "account_emailconfirmation_email_address_id_5b7f8c58" ON "account_emailconfirmation" ("email_address_id");
CREATE UNIQUE INDEX "account_emailaddress_user_id_email_987c8728_uniq" ON "account_emailaddress" ("user_id", "email");
CREATE UNIQUE INDEX "unique_verified_email" ON "account_emailaddress" ("email") WHERE "verified";
CREATE INDEX "account_emailaddress_user_id_2c513194" ON "account_emailaddress" ("user_id");
CREATE INDEX "account_emailaddress_email_03be32b2" ON "account_emailaddress" ("email");
CREATE UNIQUE INDEX "unique_primary_email" ON "account_emailaddress" ("user_id", "primary") WHERE "primary";
CREATE UNIQUE INDEX "django_content_type_app_label_model_76bd3d3b_uniq" ON "django_content_type" ("app_label", "model");
CREATE UNIQUE INDEX "auth_permission_content_type_id_codename_01ab375a_uniq" ON "auth_permission" ("content_type_id", "codename");
CREATE INDEX "auth_permission_content_type_id_2f476e4b" ON "auth_permission" ("content_type_id");
CREATE INDEX "records_notice_party_id_1be6b487" ON "records_notice" ("party_id");
CREATE INDEX "records_duty_party_id_29fdfbb6" ON "records_duty" ("party_id");
CREATE INDEX "records_apitoken_party_id_255bb6be" ON "records_apitoken" ("party_id");
CREATE UNIQUE INDEX "party_external_id" ON "records_party" ("role", "external_id") WHERE "external_id" IS NOT NULL;
CREATE INDEX "notice_unread" ON "records_notice" ("party_id", "at" DESC) WHERE "read_at" IS NULL;
CREATE INDEX "records_journalline_party_id_4d302af0" ON "records_journalline" ("party_id");
CREATE INDEX "journal_of_matter" ON "records_journalline" ("party_id", "matter", "at");
CREATE UNIQUE INDEX "journal_fact_once" ON "records_journalline" ("party_id", "fact_id") WHERE "fact_id" IS NOT NULL;
CREATE INDEX "records_idempotentanswer_party_id_018324df" ON "records_idempotentanswer" ("party_id");
CREATE INDEX "idempotency_age" ON "records_idempotentanswer" ("at");
CREATE INDEX "duty_falls_due" ON "records_duty" ("party_id", "next_at") WHERE ("next_at" IS NOT NULL AND "stuck_at" IS NULL);
CREATE INDEX "duty_of_matter" ON "records_duty" ("party_id", "matter");
CREATE INDEX "duty_stuck" ON "records_duty" ("stuck_at") WHERE "stuck_at" IS NOT NULL;
CREATE UNIQUE INDEX "duty_one_current" ON "records_duty" ("party_id", "matter", "subject", "rule") WHERE "current";
CREATE INDEX "records_pause_party_id_77067992" ON "records_pause" ("party_id");
CREATE INDEX "pause_of_party" ON "records_pause" ("party_id", "ends");
CREATE VIRTUAL TABLE message_words USING fts5(text, content='records_message', content_rowid='id', tokenize='trigram');
CREATE TRIGGER records_journalline_no_update BEFORE update ON records_journalline
BEGIN SELECT RAISE(ABORT, 'records_journalline is append-only'); END;
CREATE TRIGGER records_journalline_no_delete BEFORE delete ON records_journalline
BEGIN SELECT RAISE(ABORT, 'records_journalline is append-only'); END;
CREATE TRIGGER records_pause_no_update BEFORE update ON records_pause
BEGIN SELECT RAISE(ABORT, 'records_pause is append-only'); END;
CREATE TRIGGER records_pause_no_delete BEFORE delete ON records_pause
BEGIN SELECT RAISE(ABORT, 'records_pause is append-only'); END;
CREATE TRIGGER records_rulebookversion_no_update BEFORE update ON records_rulebookversion
BEGIN SELECT RAISE(ABORT, 'records_rulebookversion is append-only'); END;
CREATE TRIGGER records_rulebookversion_no_delete BEFORE delete ON records_rulebookversion
BEGIN SELECT RAISE(ABORT, 'records_rulebookversion is append-only'); END;
CREATE INDEX "standing_next_due" ON "records_standing" ("next_due") WHERE "next_due" IS NOT NULL;
CREATE INDEX "records_charge_party_id_91e5ac6c" ON "records_charge" ("party_id");
CREATE INDEX "charge_in_force" ON "records_charge" ("party_id", "ledger", "at") WHERE "overturned_at" IS NULL;
CREATE INDEX "records_sanction_party_id_30e51ed8" ON "records_sanction" ("party_id");
CREATE INDEX "sanction_ends" ON "records_sanction" ("party_id", "next_at") WHERE "next_at" IS NOT NULL;
CREATE INDEX "sanction_proposed" ON "records_sanction" ("status") WHERE "status" = 'proposed';
CREATE INDEX "records_rating_party_id_bb645946" ON "records_rating" ("party_id");
CREATE INDEX "rating_in_force" ON "records_rating" ("party_id", "standard", "at") WHERE "overturned_at" IS NULL;
CREATE INDEX "records_tally_party_id_cb45d5a2" ON "records_tally" ("party_id");
CREATE INDEX "tally_by_basis" ON "records_tally" ("party_id", "standard", "basis");
CREATE INDEX "records_conversation_order_id_db6186f6" ON "records_conversation" ("order_id");
CREATE INDEX "records_conversation_buyer_id_f5549a6a" ON "records_conversation" ("buyer_id");
CREATE INDEX "records_conversation_seller_id_7b05274f" ON "records_conversation" ("seller_id");
CREATE INDEX "records_conversation_joined_by_id_c3de79fc" ON "records_conversation" ("joined_by_id");
CREATE INDEX "records_conversation_last_message_id_2092058d" ON "records_conversation" ("last_message_id");
CREATE INDEX "conversation_begun_by_buyer" ON "records_conversation" ("buyer_id", "opened_at" DESC);
CREATE INDEX "conversation_begun_with" ON "records_conversation" ("seller_id", "opened_at" DESC);
CREATE INDEX "conversation_of_buyer" ON "records_conversation" ("buyer_id", "last_at" DESC);
CREATE INDEX "conversation_of_seller" ON "records_conversation" ("seller_id", "last_at" DESC);
CREATE INDEX "conversation_waits" ON "records_conversation" ("seller_id", "due_at" ASC, "id" ASC) WHERE "turn" = 'seller';
CREATE INDEX "conversation_asks_agent" ON "records_conversation" ("asked_agent_at") WHERE ("asked_agent_at" IS NOT NULL AND "joined_by_id" IS NULL);
CREATE INDEX "records_answer_seller_id_784559d5" ON "records_answer" ("seller_id");
CREATE INDEX "records_answermodel_seller_id_41bb171e" ON "records_answermodel" ("seller_id");
CREATE INDEX "records_note_author_id_f695c702" ON "records_note" ("author_id");
CREATE INDEX "records_note_conversation_id_d3e1a734" ON "records_note" ("conversation_id");
CREATE INDEX "answer_of_seller" ON "records_answer" ("seller_id") WHERE "removed_at" IS NULL;
CREATE UNIQUE INDEX "answer_model_one_current" ON "records_answermodel" ("seller_id") WHERE "current";
CREATE INDEX "records_readmark_conversation_id_aced142c" ON "records_readmark" ("conversation_id");
CREATE INDEX "records_readmark_party_id_3f942956" ON "records_readmark" ("party_id");
CREATE INDEX "records_sentanswer_answer_id_e4085930" ON "records_sentanswer" ("answer_id");
CREATE INDEX "records_sentanswer_question_id_70bf2934" ON "records_sentanswer" ("question_id");
CREATE INDEX "records_message_conversation_id_aae26a4b" ON "records_message" ("conversation_id");
CREATE INDEX "records_message_author_id_6c9e8d64" ON "records_message" ("author_id");
CREATE INDEX "message_in_time" ON "records_message" ("conversation_id", "at");
CREATE INDEX "message_unsent" ON "records_message" ("id") WHERE "unsent";
CREATE INDEX "records_attachment_message_id_1183bfa4" ON "records_attachment" ("message_id");
CREATE INDEX "records_incomingmail_message_id_04b9a817" ON "records_incomingmail" ("message_id");
CREATE INDEX "records_incomingmail_party_id_992c31c6" ON "records_incomingmail" ("party_id");
CREATE INDEX "records_conversation_listing_id_698890e5" ON "records_conversation" ("listing_id");
CREATE INDEX "records_messageversion_message_id_3152ad8d" ON "records_messageversion" ("message_id");
CREATE INDEX "incoming_mail_newest" ON "records_incomingmail" ("noted_at" DESC);
CREATE INDEX "records_outgoingmail_message_id_2b671027" ON "records_outgoingmail" ("message_id");
CREATE INDEX "records_outgoingmail_party_id_067f0cbc" ON "records_outgoingmail" ("party_id");
CREATE INDEX "outgoing_mail_due" ON "records_outgoingmail" ("due_at") WHERE "due_at" IS NOT NULL;
CREATE TRIGGER message_words_in AFTER INSERT ON records_message BEGIN INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END;
CREATE TRIGGER message_words_out AFTER DELETE ON records_message BEGIN INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); END;
CREATE TRIGGER message_words_new AFTER UPDATE OF text ON records_message BEGIN INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text); INSERT INTO message_words(rowid, text) VALUES (new.id, new.text); END;
CREATE INDEX "webhook_due" ON "records_webhook" ("next_at") WHERE "next_at" IS NOT NULL;
CREATE INDEX "records_webhook_owner_id_004027e4" ON "records_webhook" ("owner_id");
CREATE INDEX "records_webhookcursor_party_id_38777a5f" ON "records_webhookcursor" ("party_id");
CREATE INDEX "records_webhookcursor_webhook_id_b200f672" ON "records_webhookcursor" ("webhook_id");
CREATE INDEX "records_draft_asked_by_id_31e53500" ON "records_draft" ("asked_by_id");
CREATE INDEX "records_draft_conversation_id_6a6ff5c9" ON "records_draft" ("conversation_id");
CREATE INDEX "draft_waiting" ON "records_draft" ("asked_at") WHERE "done_at" IS NULL;
CREATE INDEX "market_answers_newest" ON "records_marketanswertimes" ("at" DESC);
CREATE INDEX "tracking_body_new" ON "records_trackingbody" ("id") WHERE "outcome" = '';
CREATE INDEX "tracking_body_unmatched" ON "records_trackingbody" ("number") WHERE "outcome" = 'unmatched';
CREATE UNIQUE INDEX "listing_external_id" ON "records_listing" ("seller_id", "external_id") WHERE "external_id" IS NOT NULL;
CREATE INDEX "records_listing_seller_id_512b140b" ON "records_listing" ("seller_id");
CREATE INDEX "records_order_buyer_id_b1d6c91a" ON "records_order" ("buyer_id");
CREATE INDEX "records_order_seller_id_17813867" ON "records_order" ("seller_id");
CREATE INDEX "order_of_buyer" ON "records_order" ("buyer_id", "placed_at" DESC);
CREATE INDEX "order_of_seller" ON "records_order" ("seller_id", "placed_at" DESC);
CREATE INDEX "records_scan_shipment_id_0f4b5a8b" ON "records_scan" ("shipment_id");
CREATE INDEX "scan_in_time" ON "records_scan" ("shipment_id", "at");
CREATE INDEX "records_shipment_order_id_8710e565" ON "records_shipment" ("order_id");
CREATE INDEX "shipment_number" ON "records_shipment" ("tracking_number") WHERE NOT ("tracking_number" = '');
CREATE INDEX "order_under_way" ON "records_order" ("deliver_by") WHERE ("cancelled_at" IS NULL AND "delivered_at" IS NULL AND "paid_at" IS NOT NULL);
CREATE INDEX "shipment_to_poll" ON "records_shipment" ("polled_at") WHERE ("delivered_at" IS NULL AND NOT ("tracking_number" = ''));
CREATE INDEX "records_address_order_id_63e04eea" ON "records_address" ("order_id");
CREATE INDEX "records_carrieroutage_recorded_by_id_7b9d2eb1" ON "records_carrieroutage" ("recorded_by_id");
CREATE INDEX "watch_newest" ON "records_watch" ("at" DESC);
CREATE UNIQUE INDEX "address_in_force_once" ON "records_address" ("order_id") WHERE "state" = 'in_force';
CREATE UNIQUE INDEX "address_asked_once" ON "records_address" ("order_id") WHERE "state" = 'asked';
CREATE INDEX "records_advice_seller_id_ce86eeb1" ON "records_advice" ("seller_id");
CREATE INDEX "outage_of_carrier" ON "records_carrieroutage" ("carrier", "ends");
CREATE INDEX "records_delay_order_id_fc71b51d" ON "records_delay" ("order_id");
CREATE UNIQUE INDEX "delay_asked_once" ON "records_delay" ("order_id") WHERE "answered_at" IS NULL;
CREATE INDEX "records_orderline_listing_id_9b1b31bc" ON "records_orderline" ("listing_id");
CREATE INDEX "records_orderline_order_id_a9ebf4b1" ON "records_orderline" ("order_id");
CREATE INDEX "records_shipmentline_line_id_3b30c291" ON "records_shipmentline" ("line_id");
CREATE INDEX "records_shipmentline_shipment_id_04f4ae12" ON "records_shipmentline" ("shipment_id");
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('django_migrations',38);
INSERT INTO "sqlite_sequence" VALUES('account_emailaddress',0);
INSERT INTO "sqlite_sequence" VALUES('django_content_type',50);
INSERT INTO "sqlite_sequence" VALUES('auth_permission',200);
INSERT INTO "sqlite_sequence" VALUES('auth_group',0);
INSERT INTO "sqlite_sequence" VALUES('auth_user',0);
INSERT INTO "sqlite_sequence" VALUES('records_party',6);
INSERT INTO "sqlite_sequence" VALUES('records_journalline',4);
INSERT INTO "sqlite_sequence" VALUES('records_idempotentanswer',0);
INSERT INTO "sqlite_sequence" VALUES('records_pause',0);
INSERT INTO "sqlite_sequence" VALUES('records_charge',0);
INSERT INTO "sqlite_sequence" VALUES('records_sanction',0);
INSERT INTO "sqlite_sequence" VALUES('records_conversation',1);
INSERT INTO "sqlite_sequence" VALUES('records_answer',0);
INSERT INTO "sqlite_sequence" VALUES('records_answermodel',0);
INSERT INTO "sqlite_sequence" VALUES('records_note',0);
INSERT INTO "sqlite_sequence" VALUES('records_readmark',0);
INSERT INTO "sqlite_sequence" VALUES('records_sentanswer',0);
INSERT INTO "sqlite_sequence" VALUES('records_message',2);
INSERT INTO "sqlite_sequence" VALUES('records_attachment',0);
INSERT INTO "sqlite_sequence" VALUES('records_messageversion',0);
INSERT INTO "sqlite_sequence" VALUES('records_outgoingmail',0);
INSERT INTO "sqlite_sequence" VALUES('records_webhookcursor',0);
INSERT INTO "sqlite_sequence" VALUES('records_listing',0);
INSERT INTO "sqlite_sequence" VALUES('records_order',0);
INSERT INTO "sqlite_sequence" VALUES('records_scan',0);
INSERT INTO "sqlite_sequence" VALUES('records_shipment',0);
INSERT INTO "sqlite_sequence" VALUES('records_address',0);
INSERT INTO "sqlite_sequence" VALUES('records_cancelrequest',0);
INSERT INTO "sqlite_sequence" VALUES('records_carrieroutage',0);
INSERT INTO "sqlite_sequence" VALUES('records_lanecard',0);
INSERT INTO "sqlite_sequence" VALUES('records_advice',0);
INSERT INTO "sqlite_sequence" VALUES('records_delay',0);
INSERT INTO "sqlite_sequence" VALUES('records_orderline',0);
INSERT INTO "sqlite_sequence" VALUES('records_shipmentline',0);
INSERT INTO "sqlite_sequence" VALUES('records_rulebookversion',1);
INSERT INTO "sqlite_sequence" VALUES('records_duty',2);
INSERT INTO "sqlite_sequence" VALUES('records_notice',1);
INSERT INTO "sqlite_sequence" VALUES('records_tally',1);
INSERT INTO message_words(message_words) VALUES ('rebuild');
COMMIT;
