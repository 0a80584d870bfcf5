# All words of the window. Short, plain, present tense. Say what is, then what to do.

## Time
day-today = Today
day-yesterday = Yesterday
duration-s = { $s } s
duration-min = { $m } min
duration-min-s = { $m } min { $s } s
duration-h = { $h } h
duration-h-min = { $h } h { $m } min
percent = { $n } %
milliseconds = { $n } ms

## Everywhere
call = Call
call-name = Call { $name }
cancel = Cancel
save = Save
discard = Discard
delete = Delete
close = Close
clear = Clear
dismiss = Dismiss
details = Details
more = More
back = Back
copy = Copy
copy-number = Copy number
copy-address = Copy address
open = Open
open-again = Open again
try-again = Try again
try-now = Try now
none = None
optional = optional
not-saved = Not saved yet
quit = Quit Parley
withheld = Number withheld

## Header
line-title = { $line } line
line-calling-from = Calling from
line-change = Change the line
line-call-from = Call from
line-add = Add a line
line-manage = Manage accounts
lines-reachable =
    { $reachable ->
        [0] None reachable
       *[other] { $reachable } of { $wanted } reachable
    }
reach-yes = Reachable
reach-asking = Connecting
reach-off = Switched off
reach-no = Not reachable
reach-no-line = No line yet
reach-proven = proven { $ago } ago
reach-for = for { $duration }
retry-in = Trying again in { $duration }.
registered-at = { $server } knows this line without a gap for { $duration }.
reach-outages = { $count ->
    [one] Out of reach once today, for { $duration }.
   *[other] Out of reach { $count } times today, for { $duration } in all.
}
reach-refused = { $count ->
    [one] One call that did not come from this line's server was refused.
   *[other] { $count } calls that did not come from this line's server were refused.
}
lost-title = Callers cannot reach you on { $line }
lost-text-others =
    { $count ->
        [one] { $reason } { $others } works.
       *[other] { $reason } { $others } work.
    }
check-account = Check account
account-open = { $name }, { $presence }. Open account panel
account-title = Account
account-nobody = No account yet
shortcut-settings = Ctrl ,
shortcut-search = Ctrl K
presence-online = Online
presence-away = Away
presence-busy = Busy
presence-dnd = Do not disturb
presence-invisible = Appear offline
presence-call = On a call
presence-lost = Not reachable

## Dial and search
dial-anonymous = Hide my number for this call
search-label = Search or dial
search-placeholder = Name or number
dial-from = Call { $number } from { $line }
not-a-number = This is not a number and not an address.

## History
tabs-label = Main
tab-calls = Calls
voicemail-waiting =
    { $count ->
        [0] { $line }: new voicemail. Call it
        [one] { $line }: 1 new voicemail. Call it
       *[other] { $line }: { $count } new voicemails. Call them
    }
missed-count =
    { $count ->
        [one] 1 missed call
       *[other] { $count } missed calls
    }
filter-label = Filter calls
filter-all = All
filter-missed = Missed
history-label = Call history
history-more = More for the list
history-clear = Clear history
history-clear-title = Clear the call history?
history-clear-text = All ended calls leave the list. This cannot be undone.
history-clear-do = Clear all
rang = rang { $duration }
outcome-missed =
    { $times ->
        [1] Missed
        [2] Missed twice
       *[other] Missed { $times } times
    }
outcome-declined = Declined
outcome-cancelled = Not answered
outcome-failed = Not connected
outcome-elsewhere = Answered elsewhere
outcome-forwarded = Forwarded
outcome-interrupted = Interrupted
outcome-in-progress = In progress
story-in-answered = Incoming, you answered
story-out-answered = Outgoing, they answered
story-in-missed = Incoming, missed
story-in-declined = Incoming, you declined
story-out-cancelled = Outgoing, you gave up
story-in-failed = Incoming, not connected
story-out-failed = Outgoing, not connected
story-in-elsewhere = Incoming, answered elsewhere
story-in-forwarded = Incoming, sent on
story-in-interrupted = Incoming, interrupted
story-out-interrupted = Outgoing, interrupted
story-in-progress = Incoming, in progress
story-out-progress = Outgoing, in progress
empty-calls = No calls yet
empty-calls-text = Type a name or number above, or wait for the first ring.
empty-missed = Nobody is waiting
empty-missed-text = Every missed call was answered or called back.
empty-search = Nobody called “{ $text }”
empty-search-text = Searched all calls by name and number.
entry-label = Call with { $name }
entry-more = More about this call
fact-call = Call
fact-line = Line
fact-when = When
fact-talked = Talked
fact-rang = Rang
fact-reason = How it ended
fact-reached = Your number
fact-called = First dialled
cannot-call-back = The number was withheld, so it cannot be called back.
first-run-dial = Dial 601 to try a call
first-run-dial-text = A practice customer calls you back
first-run-line = Add your own line
first-run-line-text = User name, password and server
pane-empty-label = Details
pane-empty = Choose a call
pane-empty-text = Its details appear here.
pane-empty-practice = Its details appear here. Dial 600 to hear yourself, 601 to be called back, 602 to hear an announcement.

## Keypad
keypad = Keypad
keypad-number = Number
delete-digit = Delete last digit
redial = Redial <b>{ $name }</b> { $number }
redial-last = Bring back the last number
tones-sent =
    { $count ->
        [one] 1 tone sent to { $who }
       *[other] { $count } tones sent to { $who }
    }
tones-none = Digits are sent as tones.
tones-heard = { $who } pressed { $keys }

## Incoming call
incoming-announce = Incoming call, { $who }, on { $line }
incoming-second-announce = Second call, { $who }, on { $line }
incoming-for = Call for <b>{ $line }</b>
incoming-second-for = Second call for <b>{ $line }</b>
incoming-dialled = Dialled { $number }
incoming-silent = Silent
incoming-talking-to = You are talking to <b>{ $who }</b>
answer = Answer
answer-hold = Hold & answer
answer-end = End & answer
decline = Decline
silence = Silence
send-voicemail = To voicemail
send-on = Send on…
send-on-title = Send { $who } on
send-on-field = Number or address
send-on-do = Send on

## In the call
call-label-active = Active call, { $who }
call-label-held = Held call, { $who }
call-label-ended = Ended call, { $who }
call-incoming-for = Incoming for <b>{ $line }</b>
call-outgoing-from = Calling from <b>{ $line }</b>
state-calling = Calling
state-ringing = Ringing
state-early-media = Listening, not answered yet
state-answering = Connecting
state-incoming = Ringing here
state-ended = Ended
hold = Hold
hold-waiting = One moment
resume = Resume
hold-short = On hold
hold-us = { $who } is on hold
hold-them = { $who } put you on hold
hold-both = On hold on both sides
mute = Mute
muted = Muted
transfer = Transfer
new-call = New call
activity = Call activity
activity-with = Call activity, { $who }
swap = Swap
hang-up = Hang up
cancel-call = Cancel call
call-again = Call again
call-again-name = Call again, { $who }
back-to-calls = To the calls
back-to-call = Back to the call
back-to-call-with = Back to the call with
microphone-off = Mic off
microphone-level = Microphone level
device-change = Sound device
device-silent = No sound
silent-title = You cannot hear { $who }
silent-text = Nothing has arrived for { $seconds } s. Ask whether they can hear you, or call again.
deaf-title = { $who } cannot hear you
deaf-text = There is no sound device. Plug one in; it is used at once.
quality-is = Quality { $quality }
quality-good = Good
quality-fair = Fair
quality-weak = Weak
quality-poor = Poor
timeline = Timeline
timeline-began = The call began
sound-codec = Codec
sound-score = Quality
score = { $n } of 4.4
sound-lost = Lost
sound-made-up = Made up
sound-remote-lost = Lost on the way there
sound-jitter = Jitter
sound-round-trip = Round trip
sound-buffer = Buffer

## How a line handles calls
handling = Call handling
handling-text = Forwarding, codes of your telephone system, and what callers may ask for
forward-always = Forward all calls to
forward-busy = Forward to, when busy
forward-busy-hint = When there is no room for a further call
forward-busy-dnd = Also on do not disturb
forward-busy-call = Also while on a call
forward-late = Forward to, when nobody answers
forward-late-after = After seconds
forward-late-hint = 1 to 300
code-park = Park code
code-park-hint = Calls are parked by a transfer to it
code-pick-up = Pick-up code
code-pick-up-hint = Dialled before the number that rings
code-voicemail = Voicemail number
code-voicemail-hint = When the server does not say it
referrals = When a caller passes me on
referrals-ask = Ask me
referrals-always = Always call
referrals-never = Never
encryption = Encryption of calls
encryption-off = Off
encryption-off-text = Calls are not encrypted. A caller who insists on it is refused.
encryption-preferred = Preferred
encryption-preferred-text = Calls are encrypted where the far end can do it. Connect with TLS too, or the key can be read on the way.
encryption-required = Required
encryption-required-text = Only encrypted calls are made and taken, but for emergency calls. Connect with TLS too, or the key can be read on the way.
lock-none = Not encrypted
lock-none-text = Not encrypted: whoever is on the way can listen
lock-exposed = Half encrypted
lock-exposed-text = The sound is encrypted, but its key was sent in the open: whoever saw it can listen
lock-full = Encrypted
lock-full-text = Sound and key are encrypted as far as the server
handling-anonymous = Hide my number
handling-anonymous-text = Calls from this line do not show who calls
handling-auto-answer = Answer by itself when asked to
handling-auto-answer-text = For intercom and dialler calls. Never while you talk
handling-trusted = The server says truly who calls
handling-trusted-text = Shows the name it vouches for instead of what the caller claims
handling-anyone = Take calls from anyone
handling-anyone-text = Not only from its own server. Scanners will find you
handling-gruu = Ask for an address of this phone alone
handling-gruu-text = GRUU: transfers reach this very phone. Leave it off unless your administrator asks for it: some servers then lose calls

## Sound of a line
line-sound = Sound and keys
line-sound-text = Codecs and their order, pauses, how digits are sent
codecs = Codecs, the best first
codecs-help = Both sides agree on the first one they have in common. Leave the order as it is unless a call has no sound.
codecs-need-one = Leave at least one codec switched on.
codecs-own-order = My order counts for incoming calls
codecs-own-order-text = Otherwise the caller's order does, as most telephone systems expect
codecs-pauses = Send less while nobody speaks
codecs-pauses-text = Saves data where the other side agrees. Soft words may get lost
codec-opus = Opus
codec-opus-text = Clear as in the room, and robust on a bad network
codec-g722 = G.722 (HD)
codec-g722-text = Wide and clear; most desk phones have it
codec-pcma = G.711 A-law
codec-pcma-text = Telephone quality; every telephone outside North America and Japan
codec-pcmu = G.711 µ-law
codec-pcmu-text = Telephone quality; every telephone in North America and Japan
codec-g729 = G.729
codec-g729-text = For narrow lines; sounds worst
codec-up = Move { $name } up
codec-down = Move { $name } down
codec-moved = { $name } is number { $place } now
keys = Digits in a call are sent as
keys-events = Events
keys-events-text = Beside the voice (RFC 4733): right for nearly every telephone system. As tones where the other side does not take them.
keys-info = SIP INFO
keys-info-text = In the signalling. Choose this if your telephone system asks for it.
keys-tones = Tones
keys-tones-text = As tones in the voice. Choose this only if nothing else works.
keys-heard = Keys pressed there

## Transfer
transfer-who = Transfer { $who }
transfer-field = Name, extension or number
transfer-recent = Recent
transfer-people = People
transfer-choose = Enter a number, or choose somebody.
transfer-promise = { $who } goes to { $target }. If that fails, the call comes back to you.
transfer-ask-promise = { $who } waits on hold while you ask { $target }.
transfer-now = Transfer now
transfer-ask = Ask first
park-who = Park { $who }
transfer-failed = The transfer failed
transfer-other = Choose someone else
consult-asking = Asking { $who }
consult-back-with = Talking to { $who }
hand-over = Hand { $who } over to { $to }
back-to-who = Back to { $who }
referral-title = { $who } passes you on
referral-text = You are asked to call { $target }.
referral-text-by = { $by } asks you to call { $target }.
referral-accept = Call
referral-refuse = Stay here
redirected-title = { $who } wants to be called elsewhere
redirected-text = The call was sent on to { $target }. Nothing was dialled.
call-target = Call { $target }

## Conference
all-three = All three
all-together = All together
conference-title = Conference of { $count }
conference-members = In the conference
conference-remove = Hang up { $who }
conference-split = Talk to one
conference-leave = Leave { $who } with { $other }
conference-end = End for all

## Contacts
contacts = Contacts
favourites = Favourites
watch-add = Add a favourite
watch-change = Change the favourite
watch-label = Name
watch-target = Number or address
watch-target-hint = Their lamp shows whether they can take a call
watch-need-target = Say whom.
watch-line = Line that watches
watches-none = No favourites yet
watches-none-text = Their lamps show who is free; a click calls, or takes the call that rings there.
watches-none-practice = Add 610 to try it: dial 611 and its phone rings.
lamp-available = Available
lamp-ringing = Ringing
lamp-pick-up = Ringing: pick up
lamp-held = Call on hold
lamp-offline = Offline
lamp-unknown = Not known
lamp-call = Call
lamp-take = Pick up the call of
lamp-from = Call from { $caller }
more-about = More about { $who }
write = Write
change = Change
messages = Messages
messages-with = Messages with { $who }
messages-none = No messages yet.
messages-older = Older messages
messages-unseen = { $count ->
    [one] 1 new message
   *[other] { $count } new messages
  }
message-you = You: { $text }
message-field = Message to { $who }
message-placeholder = A short note
message-sending = sending
message-delivered = delivered
message-accepted = waiting for them
message-failed = not delivered
message-failed-why = not delivered: { $reason }
message-unknown = no word whether it arrived
send = Send
transfer-favourites = Favourites

## Accounts
accounts-title = Accounts
accounts-none = No account yet
accounts-none-text = Add one to be reachable.
account-add = Add account
account-name = Line name
account-name-hint = Shown on every call, such as Sales.
account-display-name = Your name
account-display-name-hint = People you call see it.
account-user = User
account-user-hint = The part before the @, often your extension.
account-domain = Domain or server
account-domain-hint = With a port if it is unusual: pbx.example:5080
account-password = Password
account-password-hint = Kept in this computer’s own keyring, never in a file.
account-password-kept = Unchanged
account-auth-user = User for signing in
account-auth-user-hint = Only if it differs from the user.
account-proxy = Outbound proxy
account-proxy-hint = Every request goes through it first.
account-transport = Connection
account-enabled = Be reachable on this line
account-enabled-text = Off: the account is kept, but callers do not reach you on it.
account-keyring-note = The password is kept in this computer’s own keyring. Without one, it is kept until Parley is closed.
account-need-name = Give the line a name.
account-need-user = Enter the user.
account-need-domain = Enter the domain or server.
account-remove = Remove account
account-remove-title = Remove { $name }?
account-remove-text = Callers no longer reach you on it, and its password is forgotten. The call history stays.
password-none = No password yet.
password-keyring = Kept in the keyring.
password-this-run = Not in the keyring: kept until Parley is closed.
password-asking = The keyring is being asked.
password-show = Show password
password-hide = Hide password
transport-auto = Automatic
transport-udp = UDP
transport-tcp = TCP
transport-tls = TLS
transport-ws = WS
transport-wss = WSS
transport-auto-help = As the server’s domain says; UDP if it says nothing.
transport-udp-help = Large messages go over TCP.
transport-tcp-help = One connection, kept open.
transport-tls-help = Nobody on the way can read along. The server proves who it is with a certificate.
transport-ws-help = SIP over WebSocket, readable on the way.
transport-wss-help = SIP over WebSocket. Nobody on the way can read along.
account-ws-path = WebSocket path
account-ws-path-hint = The part of the web address after the server, such as /ws.
account-pinned = This line takes one certificate only:
account-unpin = Trust it no more
certificate-untrusted = The server did not prove who it is
certificate-changed = The server shows another certificate than before
certificate-for = For
certificate-no-names = No server
certificate-subject = Subject
certificate-issuer = Issued by
certificate-valid = Valid
certificate-valid-text = From { $from } to { $to }
certificate-fingerprint = SHA-256
certificate-before = Trusted before
certificate-trust = Trust this certificate
certificate-trust-title = Trust this certificate?
certificate-trust-text = This line then takes this certificate and no other, whatever is wrong with it. Compare the SHA-256 with the one your administrator knows: somebody on the way could show you a certificate of their own.
certificate-trust-changed = Somebody who wants to listen in would look exactly like this. Trust it only if your administrator says that the certificate was replaced, and the SHA-256 is the same.

## Screen pop
pop = Screen pop
pop-open = Open screen pop
pop-opened-at = Opened { $time }
pop-opened-in = Opened in { $seconds } s
pop-opened-incoming = Opened on ring
pop-opened-answered = Opened on answer
pop-opened-manual = Opened by you
pop-opening = Opening
pop-failed = Did not open
pop-not-yet = Nothing has been opened for this call.
pop-none-here = This line opens nothing.
pop-kind-web = Web page, opens in the browser
pop-kind-program = Program
pop-log = Pop log
pop-log-empty = Nothing has been opened yet.
pop-log-time = Time
pop-log-trigger = Trigger
pop-log-result = Result
pop-log-action = Action
trigger-incoming = On ring
trigger-answered = On answer
trigger-manual = By hand
pops-title = Pop studio
pops-line = Line
pops-when = When a call comes in on { $line }
pops-target = Web address or program path
pops-target-hint = Such as https://crm.example/search?q=$caller$ or C:\Program Files\MyApp\myapp.exe $caller$
pops-no-line = No line yet
pops-no-line-text = Screen pops belong to a line. Add one first.
mode-incoming = On incoming call
mode-incoming-text = As soon as it rings
mode-answer = After answering
mode-answer-text = When you answer here
mode-manual = Manual
mode-manual-text = Only by the button in the call
mode-disabled = Disabled
mode-disabled-text = No pop, no button
variable = Variable
variable-value = Value
variable-meaning = Meaning
variable-empty = not sent
variable-add = Add a variable
variable-add-header = Add a SIP header
variable-unknown = is not known and will stay empty.
variable-meant = Did you mean
variables-title = Variables
meaning-caller = Caller’s number
meaning-caller-name = Caller’s name
meaning-number = Number reached
meaning-called = Number first dialled
meaning-header = From the exchange
meaning-any-header = Any header your exchange sends
meaning-custom = Yours
key-call = from the call
key-header = SIP header
key-own = yours
own-title = Your own parameters
own-name = name
own-value = Value of { $name }
own-remove = Remove { $name }
own-add = Add a parameter
own-bad-name = “{ $name }” is not a name. Use letters, digits and _.
own-taken = ${ $name }$ comes from the call. Choose another name.
own-twice = { $name } is there twice.
schemes-title = Addresses may begin with
schemes-help = Press Enter to add one. http and https always work.
scheme-add = Add, such as crm
scheme-remove = Remove { $scheme }
scheme-bad = A scheme has letters, digits, + - and . only.
preview = Preview
preview-of = Preview for
preview-sample = Sample
preview-past = Past call
preview-nothing = Enter an address to see what would open.
preview-safe = Values from the caller are encoded. They can never change the address or run anything.

## Settings
settings-title = Settings
general-title = General
sound = Sound
sound-none = There is no sound device. Calls go on without sound; plug one in and it is used at once.
devices = Sound devices
device-microphone = Speak into
device-speaker = Hear callers in
device-ring = Ring on
device-system = As the system has it
device-none = No sound device
device-missing = { $device } (not connected)
device-missing-help = The chosen device is not connected. The system’s own is used until it is back.
test-microphone = Test
test-speaker = Play
test-ring = Ring
ring-volume = Ring volume
mute-second = Mute incoming calls during a call
mute-second-text = On: a second call only shows its card, without a sound. Off: it also rings, softly.
alert-unreachable = Sound when callers cannot reach a line
alert-unreachable-text = On: three falling notes on the ring device when a line has been out of reach for ten seconds, and two rising ones when it is back. Never while you do not want to be disturbed.
theme = Colours
theme-system = As the system
theme-light = Light
theme-dark = Dark
links-dial = Telephone links call at once
links-dial-text = Off: a link only fills the dial field, and you press Call.
emergency = Emergency numbers
emergency-text = Always dialled, whatever else is set; their calls back always ring
on-close = Closing the window
on-close-text = Hidden, Parley stays reachable.
on-close-ask = Ask
on-close-hide = Hide
on-close-quit = Quit
version = Parley { $version }
close-title = Close the window?
close-text-tray = Hidden, Parley stays reachable in the tray. If you quit, callers no longer reach you.
close-text-no-tray = There is no tray here. Hidden, Parley stays reachable and comes back when you start it again. If you quit, callers no longer reach you.
close-remember = Do not ask again
close-hide = Hide and stay reachable
