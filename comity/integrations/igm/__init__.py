"""ONDC's Issue and Grievance Management 2.0: complaints that come and go by the network's protocol (docs/igm.md)."""
