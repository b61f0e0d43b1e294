# Messages to households. One idea a paragraph, « vous », verb first; no benefit is named, no full name.
received-subject = Votre demande est enregistrée
received-text =
    Votre demande porte la référence { $reference }.

    Vous recevrez la réponse par le même moyen.
decided-subject = Réponse à votre demande { $reference }
decided-eligible = Votre demande { $reference } est acceptée. Vous recevrez un message dès qu’un équipement sera réservé pour vous.
decided-not_eligible = Votre demande { $reference } n’est pas acceptée. Une personne a confirmé cette réponse ; la lettre de décision dit pourquoi et comment la contester.
decided-not_eligible-letter = Votre demande { $reference } n’est pas acceptée. Une personne a confirmé cette réponse. Voici pourquoi, et comment la contester.
decided-needs_review = Votre demande { $reference } est examinée par une personne. Aucune décision n’est prise pour l’instant.
held-subject = Votre équipement est réservé
held-text =
    Votre équipement est réservé. Choisissez le lieu et l’heure pour venir le chercher :
    { $link }

    Cette adresse est personnelle. Ne la transmettez pas.
booked-subject = Votre rendez-vous du { $day }
booked-text =
    Votre rendez-vous est pris le { $day }.
    { $place }

    Votre code de retrait : { $code }
    Dites-le à la personne qui vous accueille. Ne le donnez à personne d’autre.

    Pour changer ou annuler : { $link }
booked-onboarding = Votre prise en main a lieu le { $day }. { $place }
moved-subject = Votre rendez-vous est déplacé au { $day }
moved-text =
    Votre rendez-vous est déplacé au { $day }.
    { $place }

    Votre code de retrait ne change pas.

    Pour changer ou annuler : { $link }
onboarding-subject = Votre prise en main : le { $day }
onboarding-text =
    Votre prise en main a lieu le { $day }.
    { $place }

    Venez avec votre équipement.
cancelled-subject = Votre rendez-vous est annulé
cancelled-text = Votre rendez-vous du { $day } est annulé. Votre demande reste dans la file.
hold_lost-subject = Votre équipement n’est plus réservé
hold_lost-no_show = Vous n’êtes pas venu au rendez-vous. L’équipement n’est plus réservé. Votre demande reste dans la file ; votre service peut vous aider à reprendre un rendez-vous.
hold_lost-expired = Le délai pour prendre rendez-vous est passé. L’équipement n’est plus réservé. Votre demande reste dans la file.
hold_lost-withdrawn = Votre demande est retirée et l’équipement n’est plus réservé pour vous. Pour en avoir un plus tard, il faudra déposer une autre demande.
hold_lost-other = L’équipement prévu pour vous ne peut pas vous être remis. Votre demande reste dans la file et passe devant dès qu’un autre est prêt.
new_pickup_code-subject = Votre nouveau code de retrait
new_pickup_code-text = Votre nouveau code de retrait : { $code }. L’ancien ne sert plus.
reminder-subject = Rappel : rendez-vous le { $day }
reminder-text =
    Vous avez rendez-vous le { $day }.
    { $place }

    Apportez votre code de retrait.
handed_over-subject = Votre équipement vous a été remis
handed_over-text = Votre équipement vous a été remis. En cas de panne, contactez le lieu où vous l’avez reçu.
new_link-subject = Votre nouveau lien personnel
new_link-text =
    Voici votre nouveau lien. Les précédents ne servent plus :
    { $link }

    Cette adresse est personnelle. Ne la transmettez pas.
mention = Un traitement algorithmique a participé à cette réponse ; aucun refus n’est décidé par lui seul. Vous pouvez demander ses règles et leur application à votre cas (CRPA, L. 311-3-1) : { $rules }
mention-short = Décision aidée par un algorithme, règles : { $rules }
