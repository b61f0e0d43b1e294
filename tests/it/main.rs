//! What is proved from outside: stories, access, laws, races, crashes.
