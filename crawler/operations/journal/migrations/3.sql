-- Which history a target held at a backup, and its newest snapshot. Of a refused backup, those of the other history.
alter table backups add column held_history text;
alter table backups add column held_snapshot text;
