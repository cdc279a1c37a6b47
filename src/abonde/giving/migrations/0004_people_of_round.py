from django.db import migrations


class Migration(migrations.Migration):
    """How many people gave in a round, for who may know the number and not the people: a view reads as its owner."""

    dependencies = [
        ("giving", "0003_baskets_and_measures"),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
            CREATE VIEW giving_people_of_round AS
            SELECT project.round_id, count(DISTINCT person_id) AS givers,
                   count(DISTINCT person_id) FILTER (WHERE eligible) AS voices
            FROM giving_support JOIN projects_project AS project ON project.id = project_id
            WHERE cents > 0 GROUP BY project.round_id;
            """,
            reverse_sql="DROP VIEW giving_people_of_round;",
        ),
    ]
