#!/usr/bin/perl
# The first account of a new Mattermost becomes its administrator; exit 0 when it can sign in, made now or before.
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;

my $api = 'http://mattermost:8065/api/v4';
my ($user, $email, $password, $team) = @ENV{qw(ADMIN_USER ADMIN_EMAIL ADMIN_PASSWORD TEAM)};
my $http = HTTP::Tiny->new(timeout => 30);

sub post {
  my ($path, $body, $token) = @_;
  my %headers = ('content-type' => 'application/json');
  $headers{authorization} = "Bearer $token" if defined $token;
  my $answer = $http->post("$api$path", { headers => \%headers, content => encode_json($body) });
  return ($answer->{status}, $answer->{content}, $answer->{headers}{token});
}

my ($status, $text, $token) = post('/users/login', { login_id => $user, password => $password });
if ($status != 200) {
  my $account = { email => $email, username => $user, password => $password };
  my ($made, $why) = post('/users', $account);
  # A changed password is the administrator's own; a second run must not fail over it.
  exit 0 if $made == 400 && $why =~ /already|exists/i;
  die "administrator: Mattermost answered $made: " . substr($why, 0, 400) . "\n" if $made != 201;
  ($status, $text, $token) = post('/users/login', { login_id => $user, password => $password });
  die "administrator: cannot sign in: $status\n" if $status != 200;
}
my $wanted = { name => $team, display_name => ucfirst $team, type => 'I' };
my ($made, $why) = post('/teams', $wanted, $token);
die "administrator: the team could not be made: $made " . substr($why, 0, 400) . "\n"
  if $made != 201 && $why !~ /exist/i;
print "administrator: $user is there.\n";
