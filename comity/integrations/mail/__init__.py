"""Mail out and in: parties may read and answer by e-mail. SMTP and IMAP, by the operator's own servers."""

from comity.integrations.mail import telling
from comity.integrations.mail.incoming import take_again
from comity.integrations.mail.mailbox import fetch
from comity.integrations.mail.outgoing import plan, send_due

__all__ = ["fetch", "plan", "send_due", "take_again", "telling"]
