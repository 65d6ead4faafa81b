<?php
// The login form starts with ADMINER_DEFAULT_SERVER; ADMINER_DESIGN names a folder of designs/.
function adminer_object()
{
	return new class extends Adminer\Adminer {
		public function loginFormField($name, $heading, $value)
		{
			$server = htmlspecialchars(getenv('ADMINER_DEFAULT_SERVER') ?: 'db', ENT_QUOTES);
			if ($name === 'server') $value = str_replace('name="auth[server]" value=""', "name=\"auth[server]\" value=\"$server\"", $value);
			return parent::loginFormField($name, $heading, $value);
		}

		public function css()
		{
			$design = basename((string) getenv('ADMINER_DESIGN'));
			$files = $design === '' ? [] : (glob(__DIR__ . "/designs/$design/adminer*.css") ?: []);
			return array_map(static fn(string $file) => "designs/$design/" . basename($file), $files);
		}
	};
}

require __DIR__ . '/adminer.php';
