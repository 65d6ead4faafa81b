<?php
// Healthy is a wiki whose storage is set up and can be written.
if (!is_writable('/storage/data/pages') || !is_readable('/storage/lib/tpl/dokuwiki/main.php')) http_response_code(500);
