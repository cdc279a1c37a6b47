from django.db import migrations


class Migration(migrations.Migration):
    """The table of Django's database cache, in which web processes share what they count.

    UNLOGGED: it is emptied by a crash and costs no log; nothing in it must survive one.
    """

    dependencies = [
        ("core", "0002_append_only"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
            CREATE UNLOGGED TABLE core_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX core_cache_expires ON core_cache (expires);
            """,
            reverse_sql="DROP TABLE core_cache;",
        ),
    ]
