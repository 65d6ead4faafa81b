/** Ce qui arrive sur la machine, comme le démon le dit, en français : par forme. */
export const EVENTS: readonly (readonly [RegExp, string])[] = [
  [/^(\S+) ran out of memory \(exit code (\d+)\)(?:; .*)?$/, '$1 a manqué de mémoire (code de sortie $2)'],
  [/^(\S+) was killed \(exit code (\d+)\)(?:; .*)?$/, '$1 a été tué (code de sortie $2)'],
  [/^(\S+) ended by itself \(exit code (\d+)\)(?:; .*)?$/, '$1 s’est arrêté de lui-même (code de sortie $2)'],
  [/^(\S+) keeps restarting \((\S+), exit code (\d+)\)$/, '$1 redémarre sans cesse ($2, code de sortie $3)'],
  [/^(\S+) was updated from (\S+) to (\S+)$/, '$1 est passé de la version $2 à la version $3'],
  [
    /^(\S+) may be updated from (\S+) to (\S+): summoner apply$/,
    '$1 peut passer de la version $2 à la version $3',
  ],
  // sauvegardes
  [/^(\S+) was dumped$/, 'Les bases de $1 ont été exportées'],
  [/^The dump of (\S+) failed: (.*)$/, 'L’export de $1 a échoué : $2'],
  [/^(\S+) was backed up: (\S+)$/, '$1 a été sauvegardé : $2'],
  [/^The box itself was backed up: (\S+)$/, 'La machine elle-même a été sauvegardée : $1'],
  [/^The backup of the box itself failed: (.*)$/, 'La sauvegarde de la machine elle-même a échoué : $1'],
  [/^The backup of (\S+) failed: (.*)$/, 'La sauvegarde de $1 a échoué : $2'],
  [/^(\S+) was restored from (\S+)$/, '$1 a été restauré depuis $2'],
  [/^(\S+) was restored into (\S+)$/, '$1 a été remis dans $2'],
  [/^The restore of (\S+) failed: (.*)$/, 'La restauration de $1 a échoué : $2'],
  [/^(\S+) was restored and works: back within (.+)$/, '$1 se restaure et fonctionne : de retour en $2'],
  [/^(\S+) does not work when restored: (.*)$/, '$1 ne fonctionne pas une fois restauré : $2'],
  [/^(\S+) could not be proven: (.*)$/, '$1 n’a pas pu être vérifié : $2'],
  [
    /^.*?(?: of (\S+))?: (.+) was missed, it runs now$/,
    '$1 : ce qui était prévu pour $2 n’a pas eu lieu, et commence maintenant',
  ],
  [/^(\S+) was packed into a bundle: (\S+)$/, '$1 a été mis dans un paquet : $2'],
  [/^(\S+) was taken from a bundle$/, '$1 a été repris d’un paquet'],
  [/^The copies at (\S+) fail: (.*)$/, 'Les copies vers $1 échouent : $2'],
  [/^The copies at (\S+) are made again$/, 'Les copies vers $1 reprennent'],
  [/^The box is back as of (.+)$/, 'La machine est revenue à son état du $1'],
  [/^The box is back, but not (.+)$/, 'La machine est revenue, mais pas $1'],
  // proxy et certificats
  [/^nginx keeps its last good configuration$/, 'nginx garde sa dernière bonne configuration'],
  [/^(.+) has a certificate until (.+)$/, '$1 a un certificat jusqu’au $2'],
  [/^(.+) has no new certificate: (.*)$/, '$1 n’a pas de nouveau certificat : $2'],
  [/^The certificate of (.+) ends at (.+)$/, 'Le certificat de $1 expire le $2'],
  // la machine
  [/^The disk of (\S+) is (\d+) % full$/, 'Le disque de $1 est plein à $2 %'],
  [/^Summoner (\S+) started$/, 'Summoner $1 a démarré'],
  [
    /^Summoner was updated from (\S+) to (\S+)$/,
    'Summoner lui-même est passé de la version $1 à la version $2',
  ],
  [/^The history was damaged and set aside: (.+)$/, 'L’historique abîmé a été mis de côté : $1'],
  // personnes
  [/^(\S+) signed in from (\S+)$/, '$1 s’est connecté depuis $2'],
  [/^A sign-in as (\S+) failed$/, 'Une connexion au nom de $1 a échoué'],
  [
    /^(\d+) sign-ins as (\S+) failed in a row; nobody can try again for (\d+) seconds$/,
    '$1 connexions au nom de $2 ont échoué de suite ; personne ne peut réessayer avant $3 secondes',
  ],
  // webhooks et recettes
  [/^Webhooks of (\S+) are refused: (.*)$/, 'Les webhooks de $1 sont refusés : $2'],
  [
    /^A message to (\S+) was given up after (\d+) tr(?:y|ies)(.*)$/,
    'Un message à $1 a été abandonné (essais : $2)$3',
  ],
  [/^(\S+) takes no messages: (.*)$/, '$1 n’accepte plus de messages : $2'],
  [/^(\S+) takes messages again$/, '$1 accepte de nouveau les messages'],
  [/^The recipe (\S+) failed: (.*)$/, 'La recette $1 a échoué : $2'],
  [/^The recipe (\S+) fed itself and was stopped: (.*)$/, 'La recette $1 se relançait et a été arrêtée : $2'],
]
