# Messages to households, in plain English.
received-subject = We have received your request
received-text =
    Your request has the reference { $reference }.

    You will get the answer in the same way.
decided-subject = Answer to your request { $reference }
decided-eligible = Your request { $reference } is accepted. You will get a message as soon as a device is reserved for you.
decided-not_eligible = Your request { $reference } is not accepted. A person has confirmed this answer; the letter says why and how to contest it.
decided-not_eligible-letter = Your request { $reference } is not accepted. A person has confirmed this answer. Here is why, and how to contest it.
decided-needs_review = A person is looking at your request { $reference }. Nothing is decided yet.
held-subject = Your device is reserved
held-text =
    Your device is reserved. Choose where and when to pick it up:
    { $link }

    This address is yours alone. Do not pass it on.
booked-subject = Your appointment on { $day }
booked-text =
    Your appointment is on { $day }.
    { $place }

    Your pickup code: { $code }
    Tell it to the person who welcomes you. Do not give it to anybody else.

    To change or cancel: { $link }
booked-onboarding = Your introduction to the device is on { $day }. { $place }
moved-subject = Your appointment has moved to { $day }
moved-text =
    Your appointment has moved to { $day }.
    { $place }

    Your pickup code stays the same.

    To change or cancel: { $link }
onboarding-subject = Learning to use your device: { $day }
onboarding-text =
    You will be shown how to use your device on { $day }.
    { $place }

    Bring your device.
cancelled-subject = Your appointment is cancelled
cancelled-text = Your appointment on { $day } is cancelled. Your request stays in the queue.
hold_lost-subject = Your device is no longer reserved
hold_lost-no_show = You did not come to the appointment. The device is no longer reserved. Your request stays in the queue; your service can help you book again.
hold_lost-expired = The time to book has passed. The device is no longer reserved. Your request stays in the queue.
hold_lost-withdrawn = Your request is withdrawn and the device is no longer kept for you. To get one later, a new request is needed.
hold_lost-other = The device planned for you cannot be handed to you. Your request stays in the queue and comes first when another one is ready.
new_pickup_code-subject = Your new pickup code
new_pickup_code-text = Your new pickup code: { $code }. The old one no longer works.
reminder-subject = Reminder: appointment on { $day }
reminder-text =
    You have an appointment on { $day }.
    { $place }

    Bring your pickup code.
handed_over-subject = Your device was handed to you
handed_over-text = Your device was handed to you. If it breaks down, contact the place where you got it.
new_link-subject = Your new personal link
new_link-text =
    Here is your new link. The earlier ones no longer work:
    { $link }

    This address is yours alone. Do not pass it on.
mention = An algorithm took part in this answer; it refuses nobody by itself. You may ask for its rules and how they were applied to you (CRPA, L. 311-3-1): { $rules }
mention-short = An algorithm helped decide, rules: { $rules }
