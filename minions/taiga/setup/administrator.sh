#!/bin/sh
# Makes the superuser; exit 0 when there is one of that name, made now or before.
cd /taiga-back || exit 1
said=$(python manage.py createsuperuser --noinput --username "$ADMIN_USER" --email "$ADMIN_EMAIL" 2>&1) && exit 0
case $said in
  *"already taken"* | *"already exists"*) exit 0 ;;
esac
printf '%s\n' "$said" | tail -n 5 >&2
exit 1
