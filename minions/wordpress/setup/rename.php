<?php
/**
 * Rewrites OLD_URL to NEW_URL in every text of the database, also inside serialised PHP values, whose lengths change
 * with it. A second run finds nothing. Feed readers know posts by `guid`, so that column keeps the old address.
 */

declare(strict_types=1);

/** A serialised PHP value, read token by token: objects are never brought to life. */
final class Serialised
{
	private int $at = 0;

	public function __construct(private string $text, private Closure $rewrite) {}

	/** The value with its strings rewritten, or null when the text is not a serialised value from end to end. */
	public function rewritten(): ?string
	{
		$value = $this->value();
		return $value !== null && $this->at === strlen($this->text) ? $value : null;
	}

	private function value(): ?string
	{
		$simple = $this->take('/\G(?:N;|b:[01];|[idRr]:-?[0-9.INFAEe+-]+;)/');
		if ($simple !== null) return $simple;
		$string = $this->sized('s', '"', '";');
		if ($string !== null) {
			$new = ($this->rewrite)($string);
			return 's:' . strlen($new) . ":\"$new\";";
		}
		$case = $this->sized('E', '"', '";');
		if ($case !== null) return 'E:' . strlen($case) . ":\"$case\";";
		$head = $this->take('/\Ga:\d+:\{/') ?? $this->take('/\GO:\d+:"[^"]+":\d+:\{/');
		if ($head === null) return $this->custom();
		$parts = '';
		while (($end = $this->take('/\G\}/')) === null) {
			$part = $this->value();
			if ($part === null) return null;
			$parts .= $part;
		}
		return $head . $parts . $end;
	}

	/** `C:<n>:"Class":<n>:{…}`: its content is the class's own format and stays as it is. */
	private function custom(): ?string
	{
		if (!preg_match('/\GC:\d+:"[^"]+":(\d+):\{/', $this->text, $match, 0, $this->at)) return null;
		$length = strlen($match[0]) + (int) $match[1] + 1;
		$whole = substr($this->text, $this->at, $length);
		if (!str_ends_with($whole, '}')) return null;
		$this->at += $length;
		return $whole;
	}

	private function sized(string $type, string $open, string $close): ?string
	{
		if (!preg_match("/\G$type:(\d+):$open/", $this->text, $match, 0, $this->at)) return null;
		$start = $this->at + strlen($match[0]);
		$length = (int) $match[1];
		if (substr($this->text, $start + $length, strlen($close)) !== $close) return null;
		$this->at = $start + $length + strlen($close);
		return substr($this->text, $start, $length);
	}

	private function take(string $pattern): ?string
	{
		if (!preg_match($pattern, $this->text, $match, 0, $this->at)) return null;
		$this->at += strlen($match[0]);
		return $match[0];
	}
}

final class Address
{
	/** Plain, JSON-escaped and URL-encoded spellings, with either scheme or none; never the start of a longer host. */
	private string $pattern;

	public function __construct(string $old, private string $new)
	{
		$authority = preg_quote(self::authority($old), '~');
		$this->pattern = "~(?:(https?)(:|%3A))?(//|\\\\/\\\\/|%2F%2F)$authority(?![a-z0-9-]|\\.[a-z0-9]|:\\d|%3A\\d)~i";
	}

	public function rewrite(string $text): string
	{
		if (preg_match('/^[aOs]:\d/', $text)) {
			$value = (new Serialised($text, $this->rewrite(...)))->rewritten();
			if ($value !== null) return $value;
		}
		$scheme = parse_url($this->new, PHP_URL_SCHEME);
		$authority = self::authority($this->new);
		return preg_replace_callback(
			$this->pattern,
			fn(array $m) => ($m[1] === '' ? '' : $scheme . $m[2]) . $m[3] . ($m[3][0] === '%' ? rawurlencode($authority) : $authority),
			$text,
		) ?? $text;
	}

	private static function authority(string $url): string
	{
		$parts = parse_url($url);
		return ($parts['host'] ?? '') . (isset($parts['port']) ? ":{$parts['port']}" : '');
	}
}

function main(): void
{
	[$old, $new] = [(string) getenv('OLD_URL'), (string) getenv('NEW_URL')];
	if (!parse_url($old, PHP_URL_HOST) || !parse_url($new, PHP_URL_HOST)) {
		fwrite(STDERR, "rename: OLD_URL and NEW_URL must be URLs.\n");
		exit(1);
	}
	$address = new Address($old, $new);
	mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
	[$host, $port] = explode(':', getenv('WORDPRESS_DB_HOST') ?: 'mysql', 2) + [1 => '3306'];
	$name = getenv('WORDPRESS_DB_NAME') ?: 'wordpress';
	$db = new mysqli($host, getenv('WORDPRESS_DB_USER'), getenv('WORDPRESS_DB_PASSWORD'), $name, (int) $port);
	$db->set_charset('utf8mb4');
	$prefix = getenv('WORDPRESS_TABLE_PREFIX') ?: 'wp_';
	$needle = '%' . addcslashes((string) parse_url($old, PHP_URL_HOST), '%_\\') . '%';

	$columns = $db->execute_query(
		"SELECT TABLE_NAME t, COLUMN_NAME c FROM information_schema.COLUMNS
		 WHERE TABLE_SCHEMA = ? AND LEFT(TABLE_NAME, ?) = ? AND DATA_TYPE IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext')",
		[$name, strlen($prefix), $prefix],
	)->fetch_all(MYSQLI_ASSOC);
	$changed = 0;
	foreach ($columns as ['t' => $table, 'c' => $column]) {
		if ($column === 'guid') continue;
		$keys = array_column(
			$db->execute_query(
				"SELECT COLUMN_NAME c FROM information_schema.KEY_COLUMN_USAGE
				 WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_NAME = 'PRIMARY' ORDER BY ORDINAL_POSITION",
				[$name, $table],
			)->fetch_all(MYSQLI_ASSOC),
			'c',
		);
		if (!$keys || in_array($column, $keys, true)) continue;
		$quoted = fn(string $identifier) => '`' . str_replace('`', '``', $identifier) . '`';
		$list = implode(', ', array_map($quoted, [...$keys, $column]));
		$rows = $db->execute_query("SELECT $list FROM {$quoted($table)} WHERE {$quoted($column)} LIKE ?", [$needle]);
		$where = implode(' AND ', array_map(fn($key) => "{$quoted($key)} = ?", $keys));
		foreach ($rows->fetch_all(MYSQLI_NUM) as $row) {
			$before = (string) array_pop($row);
			$after = $address->rewrite($before);
			if ($after === $before) continue;
			// What somebody changed meanwhile is not overwritten; the next run finds it.
			$db->execute_query(
				"UPDATE {$quoted($table)} SET {$quoted($column)} = ? WHERE $where AND {$quoted($column)} = ?",
				[$after, ...$row, $before],
			);
			$changed += $db->affected_rows;
		}
	}
	echo "rename: $changed texts rewritten from $old to $new.\n";
}

if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) main();
